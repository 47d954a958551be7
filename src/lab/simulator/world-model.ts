import type { DecisionData } from '#contracts/decision.ts'
import type { FeatureContract } from '#contracts/features.ts'
import type { Category, Reference } from '#contracts/reference.ts'
import { AppError } from '#kernel/errors.ts'
import { compiledFor, type Compiled } from '#services/recommendation/compile.ts'
import { categoryModel, type CategoryModel } from './category-model.ts'
import { dayOf, runQueues, type HubQueues } from './hubs.ts'
import { plainValues, type SimulatorParams, type Values } from './params.ts'
import { priceCurves, type PriceCurves } from './price-curves.ts'

/** What a world is built on: the product's own reference data. */
export type Ground = Pick<Reference, 'categories' | 'rubrics' | 'decision' | 'features'>

export type WorldModel = {
  readonly seed: number
  readonly params: SimulatorParams
  readonly p: Values
  /** The shipped data with the policy of this world. */
  readonly data: DecisionData
  readonly compiled: Compiled
  readonly contract: FeatureContract
  readonly categories: ReadonlyMap<string, Category>
  readonly models: ReadonlyMap<string, CategoryModel>
  readonly festivals: readonly number[]
  readonly queues: HubQueues
  readonly curves: PriceCurves
}

/** The decision data with the policy that the parameters of a world set. */
export function worldDecision(data: DecisionData, { parameters }: SimulatorParams): DecisionData {
  const change = parameters.policy.value
  const policy = structuredClone(data.policy)
  for (const [id, value] of Object.entries(change.parameters)) {
    policy.parameters[id as keyof typeof policy.parameters].value = value
  }
  for (const { route, taxReliefShare } of change.routes) {
    const row = policy.routes.find((r) => r.route === route)
    if (row) row.taxReliefShare = taxReliefShare
  }
  policy.exploration.enabled = change.exploration
  return { ...data, policy }
}

export function openWorld(ground: Ground, params: SimulatorParams, seed: number): WorldModel {
  const p = plainValues(params)
  const data = worldDecision(ground.decision, params)
  const compiled = compiledFor(data, ground.categories)
  const festivals = ground.features.festivals.map(dayOf)
  const models = new Map(
    [...Object.keys(p.categories), p.unseenCategory].map((id) => {
      const category = ground.categories.get(id)
      const rubric = category && ground.rubrics.get(category.rubricId)
      if (!category || !rubric) throw new AppError('invalid', `there is no category ${id} with a rubric`)
      return [id, categoryModel(p, category, rubric)]
    }),
  )
  return {
    seed,
    params,
    p,
    data,
    compiled,
    contract: ground.features,
    categories: ground.categories,
    models,
    festivals,
    queues: runQueues(p, seed, festivals),
    curves: priceCurves(p, compiled.gstFactor),
  }
}
