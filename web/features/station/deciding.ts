import { adviceOf, type Choice } from './card.ts'
import { decideCommand, undoCommand } from './commands.ts'
import type { Core } from './core.ts'
import { printLabel } from './print-label.ts'
import { benchSettings } from './settings.ts'
import { drop, keep } from './store.ts'

export const undoMs = 10_000

export type Deciding = ReturnType<typeof openDeciding>

/** From the advice to the label, and back for ten seconds. */
export function openDeciding({ outbox, userId, state, set, setCard, say }: Core) {
  let undoTimer: ReturnType<typeof setTimeout> | undefined

  function accept(locationCode: string | null = null): void {
    const { card } = state()
    const advice = card === null ? null : adviceOf(card)
    if (advice === null || card?.step !== 'decide') return say('bad', 'wrong_step_action')
    const { disposition, channel } = advice
    void decide({ disposition, channel, reasonCode: null, note: '', locationCode })
  }
  async function decide(choice: Choice): Promise<void> {
    const { card } = state()
    if (card === null || (card.step === 'review' && choice.disposition !== 'hold')) return
    await outbox.add([decideCommand(card, choice)])
    const { unit } = card
    clearTimeout(undoTimer)
    undoTimer = setTimeout(() => set({ undo: null }), undoMs)
    set({
      card: null,
      dialog: null,
      last: unit.lpn,
      undo: { card: { ...card, version: null }, untilMs: Date.now() + undoMs },
    })
    say('ok', choice.reasonCode === null ? 'accepted' : 'changed', { lpn: unit.lpn, disposition: choice.disposition })
    await Promise.all([
      drop('drafts', unit.id),
      keep('done', { unitId: unit.id, userId, lpn: unit.lpn, at: new Date().toISOString() }),
    ])
  }
  async function undo(): Promise<void> {
    const last = state().undo
    if (last === null || state().card !== null) return say('bad', 'nothing_to_undo')
    const { card } = last
    await outbox.add([undoCommand(card.unit)])
    await drop('done', card.unit.id)
    set({ card, undo: null, matches: [], elsewhere: null })
    say('attention', 'undone', { lpn: card.unit.lpn })
  }
  function correct(): void {
    const { card } = state()
    if (card?.step !== 'decide' || card.graded === null || card.rubric === null) return
    setCard({ step: 'grade', revisited: card.rubric.questions[0]?.id ?? null })
  }
  function openDialog(dialog: 'change' | 'hold'): void {
    const step = state().card?.step
    const fits =
      step === 'decide' || (step === 'review' && dialog === 'hold') || (step === 'decided' && dialog === 'change')
    if (fits) set({ dialog })
    else say('bad', 'wrong_step_action')
  }
  async function print(unitId: string): Promise<void> {
    const how = benchSettings().print
    try {
      await printLabel(unitId, how === 'none' ? 'browser' : how)
      await drop('labels', unitId)
      set({ message: { tone: 'ok', key: 'printed', values: {} } })
      await outbox.recount()
    } catch (error) {
      say('bad', 'print_failed', { detail: error instanceof Error ? error.message : String(error) })
    }
  }
  /** The label says what was decided, so it waits for the answer; one that comes late is not thrown out by a printer alone. */
  async function label(unit: { unitId: string; lpn: string; title: string; at: string }): Promise<void> {
    if (benchSettings().print === 'none') return
    if (Date.now() - Date.parse(unit.at) < undoMs) return print(unit.unitId)
    await keep('labels', { unitId: unit.unitId, lpn: unit.lpn, title: unit.title })
    await outbox.recount()
  }

  return { accept, decide, undo, correct, openDialog, print, label, close: () => clearTimeout(undoTimer) }
}
