import { predictionColumns } from '#contracts/prediction.ts'

const levels = [-0.9, -0.5, -0.3, -0.2, -0.1]

/** A prediction row that nothing is wrong with. */
export function goodRow(): Float64Array {
  return Float64Array.from(predictionColumns, (name) => {
    const quantile = /_q(\d\d)$/.exec(name)
    if (quantile !== null) return levels[['05', '25', '50', '75', '95'].indexOf(quantile[1]!)]!
    if (name.startsWith('grade_')) return 0.2
    if (name.startsWith('sale_')) return -1
    return name === 'decay_per_day' ? 0.001 : 0.15
  })
}
