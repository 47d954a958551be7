/** Buckets of the first pass: with some hundreds of values a bucket holds a handful. */
const bucketCount = 128
const counts = new Int32Array(bucketCount)
let gathered = new Float64Array(1024)

export type Stretch = {
  readonly from: number
  readonly count: number
  /** Ascending, counted from zero. */
  readonly ranks: readonly [number, number, number]
}

/**
 * Three order statistics of a stretch of values, exact, leaving the values in their places. Counting into buckets and
 * sorting only those that hold a rank took a third of the time of three selections on 512 values.
 */
export function quantiles(values: Float64Array, { from, count, ranks }: Stretch): [number, number, number] {
  let least = values[from]!
  let most = least
  for (let i = from + 1; i < from + count; i++) {
    const value = values[i]!
    if (value < least) least = value
    if (value > most) most = value
  }
  if (least === most) return [least, least, least]
  const scale = bucketCount / (most - least)
  counts.fill(0)
  for (let i = from; i < from + count; i++) counts[bucketOf(values[i]!, least, scale)]!++
  const answer: [number, number, number] = [0, 0, 0]
  let bucket = 0
  let before = 0
  let sortedBucket = -1
  for (let k = 0; k < 3; k++) {
    const rank = ranks[k]!
    while (before + counts[bucket]! <= rank) before += counts[bucket++]!
    if (bucket !== sortedBucket) gather(values, { from, count, bucket, least, scale })
    sortedBucket = bucket
    answer[k] = gathered[rank - before]!
  }
  return answer
}

function bucketOf(value: number, least: number, scale: number): number {
  const bucket = ((value - least) * scale) | 0
  return bucket < bucketCount ? bucket : bucketCount - 1
}

type Gathering = {
  readonly from: number
  readonly count: number
  readonly bucket: number
  readonly least: number
  readonly scale: number
}

function gather(values: Float64Array, { from, count, bucket, least, scale }: Gathering): void {
  const size = counts[bucket]!
  if (gathered.length < size) gathered = new Float64Array(size * 2)
  let n = 0
  for (let i = from; i < from + count; i++) {
    if (bucketOf(values[i]!, least, scale) === bucket) gathered[n++] = values[i]!
  }
  gathered.subarray(0, n).sort()
}
