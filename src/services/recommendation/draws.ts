import { randomFrom } from '#kernel/random.ts'

/** Normal and uniform numbers drawn once: an item reads its own stretch of them, found by its seed. */
const poolSize = 65_536
const mask = poolSize - 1
const poolSeed = 0x5eed

function makeNormals(): Float64Array {
  const random = randomFrom(poolSeed)
  const normals = new Float64Array(poolSize)
  for (let i = 0; i < poolSize; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    normals[i] = radius * Math.cos(angle)
    normals[i + 1] = radius * Math.sin(angle)
  }
  return normals
}

function makeUniforms(): Float64Array {
  const random = randomFrom(poolSeed + 1)
  return Float64Array.from({ length: poolSize }, random)
}

export const normals = makeNormals()
export const uniforms = makeUniforms()

/** Where stream `stream` of `streamCount` begins for this seed; streams of one item never overlap while they fit in. */
export function streamStart(seed: number, stream: number, streamCount: number): number {
  return (seed + stream * Math.floor(poolSize / streamCount)) & mask
}

export function poolIndex(start: number, draw: number): number {
  return (start + draw) & mask
}

const tableSteps = 128
const tableEdge = 5
const waits = makeWaits()

/** Distribution function of the normal (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z >= 0 ? 1 - tail : tail
}

function makeWaits(): Float64Array {
  // The upper tail is taken by symmetry: 1 - F(z) = F(-z) keeps its digits where 1 - F(z) would lose them.
  return Float64Array.from(
    { length: 2 * tableEdge * tableSteps + 1 },
    (_, i) => -Math.log(normalCdf(tableEdge - i / tableSteps)),
  )
}

/** A normal number as a waiting time with mean 1: the exponential's quantile at the same probability. */
export function waitingTime(z: number): number {
  const place = (z + tableEdge) * tableSteps
  if (place <= 0) return 0
  const below = Math.floor(place)
  if (below >= waits.length - 1) return waits[waits.length - 1]!
  return waits[below]! + (place - below) * (waits[below + 1]! - waits[below]!)
}

const growthSteps = 256
const growthEdge = 8
const growths = Float64Array.from({ length: 2 * growthEdge * growthSteps + 1 }, (_, i) =>
  Math.exp(i / growthSteps - growthEdge),
)

/** `Math.exp` by table and series, to 2e-9 of the value: less than a paisa on any price, at a third of the time. */
export function quickExp(x: number): number {
  const place = (x + growthEdge) * growthSteps
  if (!(place >= 0 && place <= growths.length - 1)) return Math.exp(x)
  const below = place | 0
  const rest = (place - below) / growthSteps
  return growths[below]! * (1 + rest * (1 + rest * (0.5 + rest / 6)))
}
