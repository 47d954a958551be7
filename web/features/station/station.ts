import type { Return, ReturnChanged, ReturnDetail } from '../../../src/contracts/returns.ts'
import { type ActionCode, readActionCode, readLocationCode, readOwnCode } from '../../../src/kernel/codes.ts'
import { ApiError, read } from '../../lib/api.ts'
import { adviceOf, cardOf, codesOf, localAnswer, messageOf } from './card.ts'
import { receiveCommand } from './commands.ts'
import { type BenchUser, openCore } from './core.ts'
import { openDeciding } from './deciding.ts'
import { openGrading } from './grading.ts'
import { askScan, keptCards, refreshCards, rubricOf } from './lookup.ts'
import type { Outcome } from './outbox.ts'
import { benchSettings, changeSettings } from './settings.ts'
import { keepRead } from './store.ts'
import type { ScannedCode } from './wedge.ts'

export type Station = ReturnType<typeof openStation>

/** The bench at work: codes, answers and presses come in; commands go to the outbox; what is to be seen is `state`. */
export function openStation(user: BenchUser) {
  const core = openCore(user)
  const { outbox, hubId, state, set, setCard, say } = core
  const grading = openGrading(core)
  const deciding = openDeciding(core)
  let cards: readonly Return[] = []
  let work: Promise<void> = Promise.resolve()

  const refresh = async () => {
    cards = await keptCards()
    try {
      cards = await refreshCards(hubId)
      for (const categoryId of new Set(cards.map((unit) => unit.categoryId)))
        void rubricOf(categoryId).catch(() => null)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 0) outbox.noteUnreachable()
    }
  }

  // Scans are handled one after the other: the next one waits until it is known what the one before was.
  const scan = (code: ScannedCode | { text: string; source: 'camera' }) => {
    void keepRead({ code: code.text, source: code.source, at: new Date().toISOString() })
    work = work.then(() => take(code.text)).catch((error: unknown) => failed(error))
  }
  const failed = (error: unknown) => {
    set({ isLooking: false })
    say('bad', 'refused', { detail: error instanceof ApiError ? error.problem.detail : String(error) })
  }

  async function take(text: string): Promise<void> {
    const action = readActionCode(text)
    if (action !== null) return act(action)
    const place = readLocationCode(text)
    if (place !== null) return atPlace(place)
    const own = readOwnCode(text)
    if (own !== null && !own.isIntact) return say('bad', 'read_error', { code: text })
    const code = own?.code ?? text
    if (benchSettings().bench === null) return say('bad', 'no_bench')
    const { card } = state()
    if (card !== null) {
      const { unit } = card
      if (codesOf(unit).includes(code)) return say('attention', 'duplicate_scan', { lpn: unit.lpn })
      if (card.step !== 'decided') return say('bad', 'expected', { lpn: unit.lpn })
    }
    return look(code)
  }

  function atPlace(place: string): void {
    const { card } = state()
    const isBench = place.startsWith('LOC-BENCH')
    if (card === null || card.step === 'decided') {
      if (benchSettings().bench === null || isBench) {
        changeSettings({ bench: place })
        return say('ok', 'bench_set', { code: place })
      }
      set({ location: place })
      return say('ok', 'location_set', { code: place })
    }
    if (card.step !== 'decide') return say('bad', 'wrong_step_location', { code: place })
    return isBench ? say('bad', 'wrong_step_bench', { code: place }) : deciding.accept(place)
  }

  async function look(code: string): Promise<void> {
    const kept = localAnswer(cards, code)
    // What is expected here is shown at once; the server has the last word.
    if (kept.length === 1) open(kept[0]!)
    else set({ isLooking: true, card: null, matches: [], elsewhere: null, message: null })
    const answer = await askScan(code, hubId)
    set({ isLooking: false })
    if (answer === null) {
      outbox.noteUnreachable()
      if (kept.length === 0) return say('bad', 'not_found_offline', { code })
      if (kept.length > 1) {
        set({ matches: kept })
        return say('attention', 'choose_one', { code })
      }
      return begin(kept[0]!, false)
    }
    const unit = answer.returns[0]
    if (answer.message === 'ok' && unit !== undefined) {
      open(unit)
      return begin(unit, false)
    }
    const { tone, key, values } = messageOf(answer)
    set({
      card: null,
      matches: answer.message === 'choose_one' ? answer.returns.slice(0, 9) : [],
      elsewhere: answer.next === 'reroute' ? (unit ?? null) : null,
    })
    say(tone, key, values)
  }

  function open(unit: Return): void {
    const { card } = state()
    if (card?.unit.id === unit.id) {
      setCard({ unit })
      // Its questions may not have come when it was first shown.
      if (card.rubric === null) void showRubric(unit)
      return
    }
    set({ card: cardOf(unit), matches: [], elsewhere: null, message: null, dialog: null, isWhyOpen: false })
    void showRubric(unit)
  }
  async function showRubric(unit: Return): Promise<void> {
    const rubric = await rubricOf(unit.categoryId).catch(() => null)
    if (state().card?.unit.id !== unit.id) return
    setCard({ rubric })
    await grading.submitIfComplete()
  }

  /** The unit is what it seemed to be: it is taken in, and what was answered before is taken up again. */
  async function begin(unit: Return, reroute: boolean): Promise<void> {
    open(unit)
    const waiting = await outbox.waitingFor(unit.id)
    if (waiting.lastIndexOf('decide') > waiting.lastIndexOf('undo')) {
      set({ card: null })
      return say('attention', 'waits_here', { lpn: unit.lpn })
    }
    say('ok', 'opened', { lpn: unit.lpn })
    await grading.takeUpDraft(unit.id)
    if (waiting.includes('check')) setCard({ step: 'decide' })
    else if (unit.receivedAt === null && !waiting.includes('receive')) {
      await outbox.add([
        receiveCommand(unit, { hubId, locationCode: state().location ?? benchSettings().bench, reroute }),
      ])
      setCard({ unit: { ...unit, receivedAt: new Date().toISOString(), stage: 'received' } })
    } else if (unit.grade !== null) await readAdvice(unit.id)
    if (state().card?.unit.id === unit.id) setCard({ isConfirmed: true })
    await grading.submitIfComplete()
  }

  async function readAdvice(unitId: string): Promise<void> {
    try {
      const detail = await read<ReturnDetail>(`/api/returns/${unitId}`)
      if (state().card?.unit.id === unitId) setCard({ detail, version: detail.version })
    } catch (error) {
      if (error instanceof ApiError && error.status === 0) outbox.noteUnreachable()
    }
  }

  function putAside(): void {
    if (state().dialog !== null) return set({ dialog: null })
    if (state().card === null && state().matches.length === 0 && state().elsewhere === null) {
      if (state().undo !== null) void deciding.undo()
      else set({ message: null })
      return
    }
    const lpn = state().card?.unit.lpn
    set({ card: null, matches: [], elsewhere: null, message: null, isWhyOpen: false })
    if (lpn !== undefined) say('attention', 'put_aside', { lpn })
  }
  async function takeHere(): Promise<void> {
    const { elsewhere } = state()
    if (elsewhere !== null) await begin(elsewhere, true)
  }

  function act({ name, argument }: ActionCode): void {
    const { card } = state()
    if (name === 'ANSWER') return grading.answerAt(Number(argument))
    if (name === 'ACCEPT') return deciding.accept()
    if (name === 'HOLD') return deciding.openDialog('hold')
    if (name === 'UNDO') return void deciding.undo()
    if (name === 'SEALED') return grading.seal(true)
    const printed = card ?? state().undo?.card
    if (name === 'PRINT' && printed !== undefined) return void deciding.print(printed.unit.id)
    if (name === 'PHOTO') return openCamera('photo')
    if (name === 'DISP' && card?.step === 'decide') {
      const advice = adviceOf(card)
      if (advice?.disposition === argument?.toLowerCase()) return deciding.accept()
      return deciding.openDialog('change')
    }
    return say('bad', 'wrong_step_action')
  }

  function came(outcome: Outcome): void {
    if (outcome.kind === 'refused') {
      if (state().card?.unit.id === outcome.unitId) set({ card: null, dialog: null })
      if (state().undo?.card.unit.id === outcome.unitId) set({ undo: null })
      return say('bad', 'refused', { detail: '' })
    }
    const { command, data } = outcome
    if (command.kind === 'decide') void deciding.label(command)
    const { card } = state()
    if (card?.unit.id !== command.unitId) return
    if (command.kind === 'check' || command.kind === 'revise') {
      const graded = data as ReturnChanged
      const step = graded.acceptance === 'manual_review' ? 'review' : 'decide'
      setCard({ graded, step, version: graded.version, checkVersion: card.checkVersion + 1 })
      void readAdvice(command.unitId)
    } else if (command.kind === 'undo') setCard({ version: (data as ReturnChanged).version })
  }
  const stopOutcomes = outbox.onOutcome(came)
  const stopLine = outbox.subscribe(grading.goOnWithoutLine)
  void refresh()
  const refreshTimer = setInterval(() => void refresh(), 60_000)

  function openCamera(camera: 'photo' | 'scan'): void {
    if (camera === 'photo' && state().card?.step !== 'grade') return say('bad', 'wrong_step_action')
    set({ camera })
  }

  return {
    ...core,
    ...grading,
    ...deciding,
    scan,
    putAside,
    openCamera,
    closeCamera: () => set({ camera: null }),
    revisit: (questionId: string) => setCard({ revisited: questionId }),
    pick: (unit: Return) => void begin(unit, false).catch(failed),
    takeHere: () => void takeHere().catch(failed),
    toggleWhy: () => set({ isWhyOpen: !state().isWhyOpen }),
    close: () => {
      stopOutcomes()
      stopLine()
      deciding.close()
      clearInterval(refreshTimer)
    },
  }
}
