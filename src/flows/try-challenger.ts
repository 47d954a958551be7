import type { ModelValue } from '#contracts/shadow.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import {
  forgetShadowScores,
  scoreShadow,
  valueModel,
  writeModelValue,
  type Challenger,
} from '#services/recommendation/index.ts'

/** Opens the model that the registry calls challenger; null when there is none. */
export type OpenChallenger = () => Promise<Challenger | null>

const dayMs = 86_400_000
const scoresKeptMs = 90 * dayMs
/** Decisions of so many days say what a model is worth. */
const valuedMs = 180 * dayMs

/** Scores what was recommended lately by the challenger, beside requests. One that fails stays where it is until it can. */
export async function scoreChallenger(
  ctx: Pick<Context, 'db' | 'events' | 'reference' | 'now' | 'log'>,
  open: OpenChallenger,
  signal?: AbortSignal,
): Promise<number> {
  const challenger = await open()
  await forgetShadowScores(ctx.db, new Date(ctx.now() - scoresKeptMs))
  if (challenger === null) return 0
  try {
    return await scoreShadow(ctx, challenger, signal)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    ctx.log.warn({ version: challenger.version, reason: error.message }, 'the challenger does not answer')
    return 0
  }
}

/** Values the challenger on logged decisions, against what serves, and keeps the figures. */
export async function valueChallenger(
  ctx: Pick<Context, 'db' | 'reference' | 'inference' | 'now'>,
  open: OpenChallenger,
): Promise<ModelValue | null> {
  const challenger = await open()
  if (challenger === null) return null
  const scope = { since: new Date(ctx.now() - valuedMs).toISOString(), until: null, clientIds: null }
  const value = await valueModel(ctx, challenger, scope)
  if (value !== null) await writeModelValue(ctx.db, value)
  return value
}
