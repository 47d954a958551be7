import { openMemoryCache } from '#platform/cache/memory.ts'
import type { Cache } from '#platform/cache/port.ts'
import { openRedisCache } from '#platform/cache/redis.ts'
import type { Log } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'

const entriesMax = 10_000

/** Redis where it is set, shared by all processes on it; else the memory of this process. */
export async function openConfiguredCache(
  config: Pick<Config, 'REDIS_URL'>,
  { log, now }: { readonly log: Log; readonly now: () => number },
): Promise<Cache> {
  if (config.REDIS_URL === undefined) return openMemoryCache({ entriesMax, now })
  return openRedisCache({ url: config.REDIS_URL, prefix: 'smartreturns:', log })
}
