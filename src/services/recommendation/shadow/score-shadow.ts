import type { ReturnEventData } from '#contracts/events.ts'
import { basisOf } from '#contracts/packed-recommendation.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import type { Context } from '#context.ts'
import type { Inference } from '#integrations/inference/port.ts'
import type { StoredEvent } from '#platform/events/port.ts'
import { compiledFor } from '../compile.ts'
import { decide } from '../decide.ts'
import { unitFacts } from '../facts.ts'
import { featureRows } from '../features.ts'
import { readShadowCursor, writeShadowScores, type ShadowScore } from './shadow-store.ts'

/** A model that is tried beside the one that serves. */
export type Challenger = { readonly version: string; readonly inference: Inference }

const eventsPerBatch = 1000
const unitsPerCall = 250
/** A challenger that comes new to a long log begins this many events before its end. */
const eventsBack = 100_000

type ScoreContext = Pick<Context, 'db' | 'events' | 'reference'>

/**
 * Scores what was recommended since the last time, in log order and in batches; answers how many units. `signal` ends it after
 * the batch at work. What was scored is never scored twice: scores and place in the log commit together.
 */
export async function scoreShadow(ctx: ScoreContext, challenger: Challenger, signal?: AbortSignal): Promise<number> {
  let seq = await readShadowCursor(ctx.db, challenger.version, eventsBack)
  let scored = 0
  for (;;) {
    if (signal?.aborted === true) break
    const events = await ctx.events.read(seq, eventsPerBatch)
    const last = events.at(-1)
    if (last === undefined) break
    const scores = await scoreEvents(ctx, challenger, events)
    await ctx.db.transaction((tx) => writeShadowScores(tx, challenger.version, scores, last.seq))
    seq = last.seq
    scored += scores.length
  }
  return scored
}

type Advised = {
  readonly returnId: string
  readonly event: StoredEvent
  readonly item: DecisionItem
  readonly body: ReturnEventData['DispositionRecommended']['body']
}

async function scoreEvents(
  { reference }: ScoreContext,
  { version, inference }: Challenger,
  events: readonly StoredEvent[],
): Promise<ShadowScore[]> {
  const advised = events.flatMap((event): Advised[] => {
    if (event.type !== 'DispositionRecommended') return []
    const returnId = event.stream.slice('return-'.length)
    const { body } = event.data as ReturnEventData['DispositionRecommended']
    const basis = basisOf(body, returnId)
    return basis === null ? [] : [{ returnId, event, item: basis.item, body }]
  })
  const compiled = compiledFor(reference.decision, reference.categories)
  const scores: ShadowScore[] = []
  for (let from = 0; from < advised.length; from += unitsPerCall) {
    const part = advised.slice(from, from + unitsPerCall)
    const items = part.map((one) => one.item)
    const batch = await inference.predict({ items, rows: featureRows(compiled, reference.features, items) })
    const bodies = decide(items, batch, reference.decision, reference.categories)
    part.forEach(({ returnId, event, item, body }, i) => {
      const own = bodies[i]!
      // Exploration is chance, not opinion: the options that each puts first are compared.
      const [best] = own.options
      const [served] = body.options
      const [servedRoute, servedChannel] = served ?? [body.disposition, body.channel]
      const same = own.options.find((o) => o.disposition === servedRoute && o.channel === servedChannel)
      const rate = unitFacts(compiled, item).paisePerMinor
      if (best === undefined || rate === null) return
      scores.push({
        modelVersion: version,
        returnId,
        version: event.version,
        at: event.at.toISOString(),
        disposition: best.disposition,
        channel: best.channel,
        servedDisposition: servedRoute,
        servedChannel,
        utilityMinor: best.utility * rate,
        servedUtilityMinor: same === undefined ? null : same.utility * rate,
        confidence: own.confidence,
      })
    })
  }
  return scores
}
