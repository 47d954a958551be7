import { openMemoryBuckets } from '#platform/limits/memory.ts'
import type { Buckets } from '#platform/limits/port.ts'
import { openRedisBuckets } from '#platform/limits/redis.ts'
import type { Log } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'

/** Limits of callers: shared by all processes on the Redis that is set, else those of this process. */
export async function openLimits(
  config: Pick<Config, 'REDIS_URL'>,
  { log, now }: { readonly log: Log; readonly now: () => number },
): Promise<Buckets> {
  if (config.REDIS_URL === undefined) return openMemoryBuckets(now)
  return openRedisBuckets({ url: config.REDIS_URL, prefix: 'smartreturns:limit:', now, log })
}
