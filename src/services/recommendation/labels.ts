import type { ReturnEvent } from '#contracts/events.ts'
import type { Appraisal, OutcomeFacts, RealisedOutcome } from '#contracts/outcomes.ts'
import { accept, reject, type Outcome } from '#kernel/outcome.ts'

/** One thing that a person or an outcome said of a decision. `null` where it said nothing. */
export type LabelRow = {
  readonly returnId: string
  readonly version: number
  readonly recommendationId: string | null
  readonly kind: LabelKind
  readonly disposition: string | null
  readonly channel: string | null
  readonly reasonCode: string | null
  readonly currency: string
  readonly netValueMinor: number | null
  readonly soldPriceMinor: number | null
  readonly soldAt: string | null
  readonly daysToCash: number | null
  readonly repairNeeded: boolean | null
  readonly repairCostMinor: number | null
  readonly repairSucceeded: boolean | null
  readonly rereturned: boolean | null
  readonly liquidationMinor: number | null
  readonly abuse: OutcomeFacts['abuse'] | null
  readonly appraisals: readonly Appraisal[] | null
  readonly byId: string
  readonly at: string
}
export type LabelKind =
  | 'accepted'
  | 'overridden'
  | 'helpful'
  | 'not_helpful'
  | 'outcome'
  | 'appraisal'
  | 'done'
  | 'progress'
  | 'reversed'

/** The unit that an event is about, as it stands after it. */
export type LabelledUnit = {
  readonly id: string
  readonly currency: string
  readonly recommendationId: string | null
  readonly disposition: string | null
  readonly dispositionChannel: string | null
}

/** The label that an event carries; null where it carries none. */
export function labelOf(unit: LabelledUnit, event: ReturnEvent, version: number, at: string): LabelRow | null {
  const shared = { returnId: unit.id, version, currency: unit.currency, byId: event.data.by?.id ?? 'system', at }
  if (event.type === 'FeedbackRecorded') {
    const { recommendationId, kind, disposition, reasonCode, realisedValueMinor, outcome, appraisals } = event.data
    // An outcome is that of the route which was taken, unless it names another.
    const route = disposition ?? (kind === 'outcome' ? unit.disposition : null)
    return {
      ...shared,
      recommendationId,
      kind,
      disposition: route,
      channel: route !== null && route === unit.disposition ? unit.dispositionChannel : null,
      reasonCode,
      netValueMinor: realisedValueMinor,
      ...factColumns(outcome ?? {}),
      appraisals: appraisals ?? null,
    }
  }
  if (event.type !== 'DispositionExecuted') return null
  const { execution, realisedValueMinor, outcome } = event.data
  const kind = execution === 'done' || execution === 'reversed' ? execution : 'progress'
  if (kind === 'progress' && outcome === undefined) return null
  return {
    ...shared,
    recommendationId: unit.recommendationId,
    kind,
    disposition: unit.disposition,
    channel: unit.dispositionChannel,
    reasonCode: null,
    netValueMinor: realisedValueMinor,
    ...factColumns(outcome ?? {}),
    appraisals: null,
  }
}

function factColumns(facts: OutcomeFacts) {
  return {
    soldPriceMinor: facts.soldPriceMinor ?? null,
    soldAt: facts.soldAt ?? null,
    daysToCash: facts.daysToCash ?? null,
    repairNeeded: facts.repairNeeded ?? null,
    repairCostMinor: facts.repairCostMinor ?? null,
    repairSucceeded: facts.repairSucceeded ?? null,
    rereturned: facts.rereturned ?? null,
    liquidationMinor: facts.liquidationMinor ?? null,
    abuse: facts.abuse ?? null,
  }
}

export type KnownOutcome = Pick<
  LabelRow,
  | 'disposition'
  | 'channel'
  | 'netValueMinor'
  | 'soldPriceMinor'
  | 'soldAt'
  | 'daysToCash'
  | 'repairNeeded'
  | 'repairCostMinor'
  | 'repairSucceeded'
  | 'rereturned'
  | 'liquidationMinor'
  | 'abuse'
>

const nothingKnown: KnownOutcome = {
  disposition: null,
  channel: null,
  netValueMinor: null,
  soldPriceMinor: null,
  soldAt: null,
  daysToCash: null,
  repairNeeded: null,
  repairCostMinor: null,
  repairSucceeded: null,
  rereturned: null,
  liquidationMinor: null,
  abuse: null,
}

/** What is known in the end of one unit's outcome: the last word on each field; a reversed execution says nothing. */
export function knownOutcome(labels: readonly LabelRow[]): KnownOutcome {
  let known = nothingKnown
  for (const label of labels.toSorted((a, b) => a.version - b.version)) {
    if (label.kind === 'reversed') known = { ...nothingKnown, abuse: known.abuse }
    if (label.kind !== 'done' && label.kind !== 'outcome' && label.kind !== 'progress') continue
    // What is said of another route is an opinion of it, not an outcome.
    const isOther = label.disposition !== null && known.disposition !== null && label.disposition !== known.disposition
    if (isOther && label.kind === 'outcome') continue
    const news = Object.entries(label).filter(([name, value]) => name in nothingKnown && value !== null)
    known = { ...known, ...Object.fromEntries(news) }
  }
  return known
}

/** A price above this many times the list price is a slip of the keyboard, not a sale. */
const ceilingTimes = 1.5

export type OutcomeUnit = {
  readonly lpn: string
  readonly currency: string
  readonly mrpMinor: number | null
  readonly priceMinor: number | null
  readonly requestedAt: string
}

/** Turns what was said of an outcome into what the log keeps, or says what in it cannot be. */
export function outcomeFacts(unit: OutcomeUnit, said: RealisedOutcome, nowMs: number): Outcome<OutcomeFacts> {
  const { soldPrice, soldAt, repairCost, liquidationValue, ...plain } = said
  const listMinor = Math.max(unit.mrpMinor ?? 0, unit.priceMinor ?? 0)
  for (const [name, money] of Object.entries({ soldPrice, repairCost, liquidationValue })) {
    if (money === undefined) continue
    const pointer = `/outcome/${name}`
    if (money.currency !== unit.currency)
      return wrong('currency_mixed', pointer, `${unit.lpn} is in ${unit.currency}, ${name} in ${money.currency}`)
    if (listMinor > 0 && money.amount > listMinor * ceilingTimes) {
      const detail = `${unit.lpn}: ${name} of ${money.amount} is above ${ceilingTimes} times its list price of ${listMinor}`
      return wrong('value_above_ceiling', pointer, detail)
    }
  }
  if (soldAt !== undefined) {
    const pointer = '/outcome/soldAt'
    if (Date.parse(soldAt) > nowMs) return wrong('time_in_future', pointer, `${unit.lpn}: ${soldAt} is yet to come`)
    if (Date.parse(soldAt) < Date.parse(unit.requestedAt))
      return wrong('time_before_return', pointer, `${unit.lpn}: ${soldAt} is before its return was asked for`)
  }
  if (said.repairNeeded === false && (repairCost !== undefined || said.repairSucceeded !== undefined)) {
    const detail = `${unit.lpn}: no repair was needed, yet one is told of`
    return wrong('repair_contradicts', '/outcome/repairNeeded', detail)
  }
  const facts = {
    ...plain,
    soldPriceMinor: soldPrice?.amount,
    soldAt: soldAt === undefined ? undefined : new Date(soldAt).toISOString(),
    repairCostMinor: repairCost?.amount,
    liquidationMinor: liquidationValue?.amount,
  }
  return accept(Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as OutcomeFacts)
}

function wrong(code: string, pointer: string, detail: string): Outcome<never> {
  return reject('unprocessable', code, detail, [{ pointer, code, detail }])
}
