import { openCache } from './through.ts'
import type { Cache, Mark } from './port.ts'

type Entry = { readonly value: unknown; readonly untilMs: number; readonly mark: Mark }

/** A bounded map: the entry written longest ago goes first, and so does the tag invalidated longest ago, with whatever is as old. */
export function openMemoryCache(settings: { readonly entriesMax: number; readonly now: () => number }): Cache {
  const entries = new Map<string, Entry>()
  const endedAt = new Map<string, number>()
  let steps = 0
  let forgottenUpTo = 0
  const isEnded = ({ mark }: Entry) =>
    Object.entries(mark).some(([tag, step]) => Number(step) < Math.max(endedAt.get(tag) ?? 0, forgottenUpTo))
  return openCache({
    engine: 'memory',
    read: <T>(key: string) => {
      const entry = entries.get(key)
      if (entry === undefined) return Promise.resolve(undefined)
      if (entry.untilMs > settings.now() && !isEnded(entry)) return Promise.resolve(entry.value as T)
      entries.delete(key)
      return Promise.resolve(undefined)
    },
    write: (key, value, ttlMs, mark = {}) => {
      entries.delete(key)
      if (entries.size >= settings.entriesMax) entries.delete(entries.keys().next().value!)
      entries.set(key, { value, untilMs: settings.now() + ttlMs, mark })
      return Promise.resolve()
    },
    mark: (tags) => Promise.resolve(Object.fromEntries(tags.map((tag) => [tag, String(steps)]))),
    remove: (key) => {
      entries.delete(key)
      return Promise.resolve()
    },
    removeTagged: (tag) => {
      endedAt.delete(tag)
      if (endedAt.size >= settings.entriesMax) {
        const [oldest, step] = endedAt.entries().next().value!
        endedAt.delete(oldest)
        forgottenUpTo = step
      }
      endedAt.set(tag, (steps += 1))
      return Promise.resolve()
    },
    close: () => {
      entries.clear()
      return Promise.resolve()
    },
  })
}
