import type { Cache } from './port.ts'

/** A bounded map: the entry written longest ago goes first. */
export function openMemoryCache(settings: { readonly entriesMax: number; readonly now: () => number }): Cache {
  const entries = new Map<string, { readonly value: unknown; readonly untilMs: number }>()
  return {
    engine: 'memory',
    read: <T>(key: string) => {
      const entry = entries.get(key)
      if (entry === undefined) return Promise.resolve(undefined)
      if (entry.untilMs > settings.now()) return Promise.resolve(entry.value as T)
      entries.delete(key)
      return Promise.resolve(undefined)
    },
    write: (key, value, ttlMs) => {
      entries.delete(key)
      if (entries.size >= settings.entriesMax) entries.delete(entries.keys().next().value!)
      entries.set(key, { value, untilMs: settings.now() + ttlMs })
      return Promise.resolve()
    },
    remove: (key) => {
      entries.delete(key)
      return Promise.resolve()
    },
    close: () => {
      entries.clear()
      return Promise.resolve()
    },
  }
}
