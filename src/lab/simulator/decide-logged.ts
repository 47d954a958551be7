import type { DecisionItem, RecommendationBody } from '#contracts/recommendations.ts'
import type { PredictedBatch } from '#integrations/inference/port.ts'
import { decide } from '#services/recommendation/decide.ts'
import type { WorldModel } from './world-model.ts'

/** One line of `<split>.decisions.jsonl`; options in the order of `world.json`, null where the engine did not admit one. */
export type LoggedDecision = {
  /** Place of the option that was taken; -1 when the unit was held. */
  readonly chosen: number
  readonly propensities: readonly (number | null)[]
  readonly utilities: readonly (number | null)[]
  readonly level: string
  readonly seed: number
}

/** Decides a batch by the engine itself under the policy of the world, exploration included. */
export function decideLogged(
  world: WorldModel,
  batch: PredictedBatch,
  items: readonly DecisionItem[],
): LoggedDecision[] {
  return decide(items, batch, world.data, world.categories).map((body) => {
    const count = world.compiled.options.length
    const propensities: (number | null)[] = Array.from({ length: count }, () => null)
    const utilities: (number | null)[] = Array.from({ length: count }, () => null)
    for (const option of body.options) {
      const o = placeOf(world, option)
      propensities[o] = option.propensity
      utilities[o] = option.utility
    }
    return { chosen: chosenPlace(world, body), propensities, utilities, level: body.level, seed: body.seed }
  })
}

function placeOf({ compiled }: WorldModel, option: { readonly disposition: string; readonly channel: string }): number {
  return compiled.options.findIndex(
    ({ route, channel }) => route === option.disposition && channel.id === option.channel,
  )
}

/** Place of the option that a recommendation takes; -1 when it holds the unit. */
export function chosenPlace(world: WorldModel, body: RecommendationBody): number {
  return placeOf(world, body)
}
