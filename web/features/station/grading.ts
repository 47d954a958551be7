import { emptyReport, type Report } from '../../lib/inspection.ts'
import { currentQuestion, isComplete, missingOf } from './card.ts'
import { checkCommand, photoCommand } from './commands.ts'
import type { Core } from './core.ts'
import { keepPhoto } from './photos.ts'
import { sound } from './sounds.ts'
import { keep, readOne } from './store.ts'

export type Grading = ReturnType<typeof openGrading>

/** From the first answer to the check that is on its way. */
export function openGrading({ outbox, state, set, setCard, say }: Core) {
  async function takeUpDraft(unitId: string): Promise<void> {
    const draft = await readOne('drafts', unitId)
    const { card } = state()
    if (card?.unit.id === unitId && card.report === emptyReport && draft !== null) setCard({ report: draft.report })
  }
  function report(changes: Partial<Report>): void {
    const { card } = state()
    if (card === null || card.step !== 'grade') return
    const next = { ...card.report, ...changes }
    set({ card: { ...card, report: next, revisited: null }, message: null })
    void keep('drafts', { unitId: card.unit.id, report: next, at: new Date().toISOString() })
  }
  function answer(questionId: string, value: string): void {
    const { card } = state()
    if (card === null) return
    report({ answers: { ...card.report.answers, [questionId]: value } })
    void submitIfComplete()
  }
  function answerAt(place: number): void {
    const { card } = state()
    const question = card?.step === 'grade' ? currentQuestion(card) : null
    if (question === null) return say('bad', 'wrong_step_action')
    const chosen = question.answers[place - 1]
    if (chosen === undefined) return say('bad', 'no_such_answer', { place: String(place) })
    answer(question.id, chosen.value)
  }
  function seal(isSealed: boolean): void {
    if (state().card?.rubric?.acceptsSealed !== true) return say('bad', 'wrong_step_action')
    report({ isSealed })
    if (isSealed) void submitIfComplete()
  }
  async function submitIfComplete(): Promise<void> {
    const { card } = state()
    if (card?.step === 'grade' && card.isConfirmed && isComplete(card) && currentQuestion(card) === null) await submit()
  }
  /** `submit` by a press records the check although photos are missing: the server marks it for review. */
  async function submit(): Promise<void> {
    const { card } = state()
    if (card === null || card.step !== 'grade' || card.rubric === null || missingOf(card).answers > 0) return
    set({ card: { ...card, step: 'checking' } })
    await outbox.add([checkCommand(card)])
    goOnWithoutLine()
  }
  function goOnWithoutLine(): void {
    if (state().card?.step === 'checking' && outbox.state().line !== 'online') setCard({ step: 'decide' })
  }

  async function addPhoto(photo: Blob, wanted: string | null): Promise<void> {
    const { card } = state()
    const shot = wanted ?? (card === null ? undefined : (missingOf(card).shots[0]?.id ?? card.rubric?.shots[0]?.id))
    if (card === null || card.step !== 'grade' || shot === undefined) return say('bad', 'wrong_step_action')
    try {
      const { id, ref } = await keepPhoto(card.unit, shot, photo)
      await outbox.add([photoCommand(card.unit, id)])
      const now = state().card
      if (now?.unit.id === card.unit.id) report({ photos: { ...now.report.photos, [shot]: ref } })
      sound('ok')
      await submitIfComplete()
    } catch (error) {
      say('bad', 'photo_failed', { detail: String(error) })
    }
  }
  function dropPhoto(shot: string): void {
    const photos = Object.entries(state().card?.report.photos ?? {}).filter(([id]) => id !== shot)
    report({ photos: Object.fromEntries(photos) })
  }

  return { takeUpDraft, report, answer, answerAt, seal, submit, submitIfComplete, goOnWithoutLine, addPhoto, dropPhoto }
}
