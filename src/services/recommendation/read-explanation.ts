import type { Explanation, ExplanationQuery } from '#contracts/explanations.ts'
import { basisOf, unpackRecommendation } from '#contracts/packed-recommendation.ts'
import type { RecommendationBody, RecommendationOption } from '#contracts/recommendations.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { explainRecommendation } from './explain-recommendation.ts'
import { readKeptRecommendation } from './explain-store.ts'

type ReadContext = Pick<Context, 'db' | 'cache' | 'inference' | 'reference'>

/** A recommendation never changes, so its reasons don't either; the time only bounds what is kept. */
const keptMs = 24 * 3_600_000

/** The reasons of a return's recommendation, worked out at the first view. */
export async function readExplanation(
  ctx: ReadContext,
  actor: Actor,
  returnId: string,
  query: ExplanationQuery,
): Promise<Explanation> {
  const kept = await readKeptRecommendation(ctx.db, actor, returnId)
  if (kept === null) {
    throw new AppError('not_found', `no recommendation of a return ${returnId}`, { problem: 'recommendation_unknown' })
  }
  const { recommendationId } = kept
  const key = `explanation|${recommendationId}|${query.disposition ?? ''}|${query.channel ?? ''}`
  // A model that is not here may come back.
  const keep = { ttlMs: keptMs, keeps: ({ basis }: Explanation) => basis !== 'breakdown' }
  return ctx.cache.through(key, keep, async () => {
    const body = unpackRecommendation(kept.body)
    const chosen = body.options.find((o) => o.disposition === body.disposition && o.channel === body.channel)
    if (chosen === undefined) {
      throw new AppError('unprocessable', 'no option was open: the exclusions say why', {
        problem: 'nothing_to_explain',
      })
    }
    const other = otherOption(body, chosen, query)
    const basis = basisOf(kept.body, returnId)
    return explainRecommendation(ctx, { returnId, recommendationId, body, basis, chosen, other })
  })
}

/** The option that was asked for, or the best of the others. */
function otherOption(
  body: RecommendationBody,
  chosen: RecommendationOption,
  { disposition, channel }: ExplanationQuery,
): RecommendationOption | null {
  const others = body.options.filter((option) => option !== chosen)
  if (disposition === undefined && channel === undefined) return others[0] ?? null
  const found = others.find(
    (o) =>
      (disposition === undefined || o.disposition === disposition) && (channel === undefined || o.channel === channel),
  )
  if (found !== undefined) return found
  const asked = [disposition, channel].filter((word) => word !== undefined).join(' through ')
  throw new AppError('unprocessable', `${asked} is no other option of this unit`, { problem: 'option_unknown' })
}
