import { predictionWidth } from '#contracts/prediction.ts'
import { randomFrom } from '#kernel/random.ts'
import type { Difference } from './explain.ts'

export const sampledOrders = 32

export type TopicShares = {
  readonly typical: number
  readonly actual: number
  /** They add up to `actual - typical`. */
  readonly byTopic: ReadonlyMap<string, number>
}

type Sampling = {
  readonly row: Float32Array
  /** Topic of each feature. */
  readonly topics: readonly string[]
  /** Typical units to compare with, row after row. */
  readonly typicalRows: Float32Array
  readonly seed: number
  readonly predict: (rows: Float32Array) => Promise<Float64Array>
  readonly difference: Difference
}

/**
 * Shapley values by sampling, for a model that can only be asked: in each of 32 orders a typical unit, drawn at random,
 * becomes this one topic by topic, and each topic is given what changes at its turn.
 */
export async function sampleShares(sampling: Sampling): Promise<TopicShares> {
  const { row, topics, typicalRows, predict, difference } = sampling
  const width = row.length
  const random = randomFrom(sampling.seed)
  const players = [...new Set(topics)]
  const featuresOf = players.map((player) => topics.flatMap((topic, f) => (topic === player ? [f] : [])))
  const byTopic = new Map(players.map((player) => [player, 0]))
  let typical = 0
  let actual = 0
  for (let sample = 0; sample < sampledOrders; sample++) {
    const order = shuffled(players.length, random)
    const from = Math.floor(random() * (typicalRows.length / width)) * width
    const rows = new Float32Array((players.length + 1) * width)
    rows.set(typicalRows.subarray(from, from + width))
    order.forEach((player, i) => {
      rows.copyWithin((i + 1) * width, i * width, (i + 1) * width)
      for (const f of featuresOf[player]!) rows[(i + 1) * width + f] = row[f]!
    })
    // One call an order: bounded batches, and other requests get their turn in between.
    const values = await predict(rows)
    let before = difference(values, 0)
    typical += before / sampledOrders
    order.forEach((player, i) => {
      const after = difference(values, (i + 1) * predictionWidth)
      byTopic.set(players[player]!, byTopic.get(players[player]!)! + (after - before) / sampledOrders)
      before = after
    })
    actual = before
  }
  return { typical, actual, byTopic }
}

function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}
