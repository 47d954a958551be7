import { openPatientRedis } from '../resilience/redis.ts'
import type { Log } from '../telemetry/port.ts'
import { openMemoryBuckets } from './memory.ts'
import type { Buckets } from './port.ts'

const waitMs = 50

/** As `memory.ts` counts; the time is that of Redis, so that clocks of processes need not agree. A full bucket is none. */
const script = `
local quota = tonumber(ARGV[1])
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 't', 'at')
local tokens = tonumber(bucket[1]) or quota
local atMs = tonumber(bucket[2]) or nowMs
tokens = math.min(quota, tokens + math.max(0, nowMs - atMs) * quota / 60000) - 1
local kept = tokens
if tokens < 0 then kept = tokens + 1 end
redis.call('HSET', KEYS[1], 't', tostring(kept), 'at', tostring(nowMs))
redis.call('PEXPIRE', KEYS[1], 61000)
return tostring(tokens)`

/**
 * Buckets that processes share. Each process counts for itself besides, so a Redis that is gone, slow or flushed leaves every
 * caller at most one quota a process: nobody is let in unlimited, and nobody waits.
 */
export async function openRedisBuckets(settings: {
  readonly url: string
  readonly prefix: string
  readonly now: () => number
  readonly log: Pick<Log, 'warn'>
}): Promise<Buckets> {
  const own = openMemoryBuckets(settings.now)
  const warning = 'limits are counted by each process for itself: Redis does not answer'
  const { redis, ask, close } = await openPatientRedis({ url: settings.url, waitMs, warning, log: settings.log })
  redis.defineCommand('takeToken', { numberOfKeys: 1, lua: script })
  const takeShared = (key: string, quota: number) =>
    (redis as unknown as { takeToken: (key: string, quota: number) => Promise<string> }).takeToken(key, quota)
  return {
    engine: 'redis',
    take: async (key, quota) => {
      const left = own.take(key, quota)
      // Who has none here has none anywhere; that costs no call.
      if (left < 0) return left
      const shared = await ask<string | null>(() => takeShared(`${settings.prefix}${key}`, quota), null)
      const number = Number(shared ?? left)
      return Number.isFinite(number) ? Math.min(left, number) : left
    },
    close,
  }
}
