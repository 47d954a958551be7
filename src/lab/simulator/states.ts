import { faults } from './names.ts'

/**
 * The hidden state of a unit: a level of wear and a fault, on a grid, and what kind of thing it is: genuine, a swap, a
 * counterfeit, or nothing. A vector over all of them holds three stretches of the grid and one last place.
 */
export const wearLevels = 15
export const faultCount = faults.length
/** Cells of wear and fault: cell = fault x 15 + level. */
export const cells = wearLevels * faultCount
export const kinds = ['genuine', 'swap', 'counterfeit', 'empty'] as const
export const stateCount = 3 * cells + 1
export const emptyState = 3 * cells

export const wearOf = (cell: number) => (cell % wearLevels) / (wearLevels - 1)
export const faultOf = (cell: number) => Math.floor(cell / wearLevels)
/** 0 genuine, 1 swap, 2 counterfeit, 3 empty. */
export const kindOf = (state: number) => (state === emptyState ? 3 : Math.floor(state / cells))

export function total(weights: Float64Array, from = 0, to = weights.length): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += weights[i]!
  return sum
}
