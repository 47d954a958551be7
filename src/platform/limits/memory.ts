import type { Buckets } from './port.ts'

const bucketsMax = 20_000
const minuteMs = 60_000

export type OwnBuckets = Omit<Buckets, 'take'> & { readonly take: (key: string, quota: number) => number }

type Bucket = { tokens: number; atMs: number }

/** Buckets of this process alone. */
export function openMemoryBuckets(now: () => number): OwnBuckets {
  const buckets = new Map<string, Bucket>()
  return {
    engine: 'memory',
    take: (key, quota) => {
      const nowMs = now()
      let bucket = buckets.get(key)
      if (bucket === undefined) {
        // The oldest entry goes first: a Map keeps the order of insertion.
        if (buckets.size >= bucketsMax) buckets.delete(buckets.keys().next().value!)
        bucket = { tokens: quota, atMs: nowMs }
        buckets.set(key, bucket)
      }
      const tokens = Math.min(quota, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * quota) / minuteMs) - 1
      bucket.tokens = tokens < 0 ? tokens + 1 : tokens
      bucket.atMs = nowMs
      return tokens
    },
    close: () => {
      buckets.clear()
      return Promise.resolve()
    },
  }
}
