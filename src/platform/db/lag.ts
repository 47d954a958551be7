/** A place in the log of a server, as a number: `16/B374D848` is 0x16B374D848. */
export function lsnOf(text: string): bigint {
  const [high = '', low = ''] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)
}

/** When the primary was seen where, oldest first. */
export type Sightings = { readonly lsn: bigint; readonly atMs: number }[]

const sightingsMax = 2_000

export function sight(sightings: Sightings, lsn: bigint, atMs: number): void {
  // Where it stands still, it was there at first.
  if (sightings.at(-1)?.lsn === lsn) return
  sightings.push({ lsn, atMs })
  if (sightings.length > sightingsMax) sightings.splice(0, sightings.length - sightingsMax)
}

/** For how long the primary has had what a replica at `lsn` lacks; null where it lacks more than was ever seen. */
export function lagMs(sightings: Sightings, lsn: bigint, nowMs: number): number | null {
  const next = sightings.findIndex((sighting) => sighting.lsn > lsn)
  if (next === -1) return sightings.length === 0 ? null : 0
  return next === 0 ? null : nowMs - sightings[next]!.atMs
}
