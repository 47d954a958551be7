import type { ReturnEvent, ReturnEventData } from '#contracts/events.ts'
import { basisOf, unpackRecommendation } from '#contracts/packed-recommendation.ts'
import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { Transaction } from '#platform/db/port.ts'
import type { StoredEvent, Subscriber } from '#platform/events/port.ts'
import {
  addExplorationDays,
  countRouteOutcomes,
  lockAlphas,
  readJudged,
  writeAlphas,
  type DaySpent,
  type GroupNews,
  type OutcomeOf,
} from './decision-state-store.ts'
import { alphaWanted, nextAlpha } from './intervals.ts'

const prefix = 'return-'

/** Keeps the state that the next decision looks at: alphas of the intervals, outcomes of routes, what exploring costs. */
export const learningSubscriber: Subscriber = {
  name: 'decision_state',
  types: ['DispositionRecommended', 'DispositionExecuted', 'FeedbackRecorded'],
  handle: async (tx, events) => {
    const ofReturns = events.filter((event) => event.stream.startsWith(prefix))
    await addExplorationDays(tx, spentByDay(ofReturns))
    await learnOutcomes(tx, ofReturns)
  },
}

type Logged = Pick<StoredEvent, 'stream' | 'version' | 'type' | 'data' | 'at'>

function spentByDay(events: readonly Logged[]): Map<string, DaySpent> {
  const days = new Map<string, DaySpent>()
  for (const event of events) {
    if (event.type !== 'DispositionRecommended') continue
    const { body } = event.data as ReturnEventData['DispositionRecommended']
    // Before the check a recommendation is provisional: nothing is earned or given up by it.
    if (body.point === 't0' || body.currency !== 'INR' || body.options.length === 0) continue
    const day = new Date(event.at).toISOString().slice(0, 10)
    const spent = days.get(day) ?? { valueMinor: 0, tiesMinor: 0, probesMinor: 0 }
    const { ties, probes } = explorationCost(body)
    spent.valueMinor += Math.max(0, body.value.mean)
    spent.tiesMinor += ties
    spent.probesMinor += probes
    days.set(day, spent)
  }
  return days
}

/** Utility given up in the mean by near ties, and by probes as if the budget had held none back. Paise. */
export function explorationCost(packed: PackedRecommendation): { readonly ties: number; readonly probes: number } {
  const { options } = unpackRecommendation(packed)
  const best = options[0]?.utility ?? 0
  const [probeShare, factor] = packed.basis?.p ?? [0, 1]
  let ties = 0
  let probes = 0
  for (const { propensity, utility } of options) {
    const lost = Math.max(0, best - utility)
    ties += Math.max(0, propensity - (probeShare * factor) / options.length) * lost
    probes += (probeShare / options.length) * lost
  }
  return { ties, probes }
}

function outcomeOf(event: Logged): (OutcomeOf & { readonly valueMinor: number }) | null {
  const at = { returnId: event.stream.slice(prefix.length), version: event.version }
  const known = event as unknown as ReturnEvent
  if (known.type === 'DispositionExecuted') {
    const { execution, realisedValueMinor } = known.data
    if (execution !== 'done' || realisedValueMinor === null) return null
    return { ...at, recommendationId: null, valueMinor: realisedValueMinor }
  }
  if (known.type !== 'FeedbackRecorded') return null
  const { kind, realisedValueMinor, recommendationId } = known.data
  if (kind !== 'outcome' || realisedValueMinor === null) return null
  return { ...at, recommendationId, valueMinor: realisedValueMinor }
}

async function learnOutcomes(tx: Transaction, events: readonly Logged[]): Promise<void> {
  const outcomes = events.flatMap((event) => outcomeOf(event) ?? [])
  if (outcomes.length === 0) return
  const valueOf = new Map(outcomes.map((o) => [`${o.returnId}|${o.version}`, o.valueMinor]))
  const alphas = await lockAlphas(tx)
  const news = new Map<string, GroupNews>()
  const counts = new Map<string, number>()
  for (const judged of await readJudged(tx, outcomes)) {
    const basis = basisOf(judged.body, judged.returnId)
    if (basis === null || judged.disposition === null) continue
    const key = `${basis.item.categoryId.split('.', 1)[0]}|${judged.disposition}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
    // The interval that was promised is that of the recommended way.
    const isFollowed = judged.disposition === judged.body.disposition && judged.channel === judged.body.channel
    if (basis.interval === null || !isFollowed) continue
    const { group } = basis.interval
    const value = valueOf.get(`${judged.returnId}|${judged.version}`)!
    const isMissed = value < judged.body.value.p05 || value > judged.body.value.p95
    const before = news.get(group) ?? { group, alpha: alphas.get(group) ?? alphaWanted, outcomes: 0, missed: 0 }
    news.set(group, {
      group,
      alpha: nextAlpha(before.alpha, isMissed),
      outcomes: before.outcomes + 1,
      missed: before.missed + Number(isMissed),
    })
  }
  await writeAlphas(
    tx,
    [...news.values()].toSorted((a, b) => a.group.localeCompare(b.group)),
  )
  await countRouteOutcomes(tx, counts)
}
