import { randomUUID } from 'node:crypto'
import { openPatientRedis } from '../resilience/redis.ts'
import type { Log } from '../telemetry/port.ts'
import type { Cache, Mark } from './port.ts'
import { openCache } from './through.ts'

const waitMs = 100
const tagKeptMs = 86_400_000

type Entry = { readonly v: unknown; readonly m: Mark }

/**
 * A cache that processes share. Redis that is gone, slow or flushed costs time alone: a call waits 100 ms at most, after a
 * failure nothing is asked for a second, and an invalidation that could not be said is said before anything is read again.
 * Entries hold the state of their tags (a random word each), so that a tag that is invalidated, evicted or flushed ends them.
 * Other processes may serve an entry for the rest of its time when Redis is cut off from the one that invalidates.
 */
export async function openRedisCache(settings: {
  readonly url: string
  readonly prefix: string
  readonly log: Pick<Log, 'warn'>
}): Promise<Cache> {
  const warning = 'the cache does not answer: every answer is worked out until it does'
  const { redis, ask, close } = await openPatientRedis({ url: settings.url, waitMs, warning, log: settings.log })
  const unsaid = new Set<string>()
  const entryKey = (key: string) => `${settings.prefix}e:${key}`
  const tagKey = (tag: string) => `${settings.prefix}t:${tag}`
  const sayUnsaid = async () => {
    const tags = [...unsaid]
    if (tags.length === 0) return
    await redis.del(tags.map(tagKey))
    for (const tag of tags) unsaid.delete(tag)
  }

  return openCache({
    engine: 'redis',
    read: <T>(key: string) =>
      ask<T | undefined>(async () => {
        await sayUnsaid()
        const text = await redis.get(entryKey(key))
        if (text === null) return undefined
        const { v, m } = JSON.parse(text) as Entry
        const tags = Object.keys(m)
        const states = tags.length === 0 ? [] : await redis.mget(tags.map(tagKey))
        return tags.every((tag, at) => states[at] === m[tag]) ? (v as T) : undefined
      }, undefined),
    write: async (key, value, ttlMs, mark = {}) => {
      const text = JSON.stringify({ v: value, m: mark } satisfies Entry)
      await ask<unknown>(() => redis.set(entryKey(key), text, 'PX', ttlMs), null)
    },
    mark: (tags) =>
      ask<Mark | null>(async () => {
        await sayUnsaid()
        const states = tags.map(async (tag) => {
          const made = randomUUID()
          const before = await redis.set(tagKey(tag), made, 'PX', tagKeptMs, 'NX', 'GET')
          return [tag, before ?? made] as const
        })
        return Object.fromEntries(await Promise.all(states))
      }, null),
    remove: async (key) => {
      await ask<unknown>(() => redis.del(entryKey(key)), null)
    },
    removeTagged: async (tag) => {
      unsaid.add(tag)
      await ask(sayUnsaid, undefined)
    },
    close,
  })
}
