import type { Cache, CacheStore } from './port.ts'

/** The cache on a store of entries: who asks for what is being loaded waits for that. */
export function openCache(store: CacheStore): Cache {
  const loading = new Map<string, Promise<unknown>>()
  return {
    ...store,
    through: async (key, keep, load) => {
      const known = await store.read<Awaited<ReturnType<typeof load>>>(key)
      if (known !== undefined) return known
      const others = loading.get(key)
      if (others !== undefined) return others as ReturnType<typeof load>
      const loaded = loadAndKeep()
      loading.set(key, loaded)
      try {
        return await loaded
      } finally {
        if (loading.get(key) === loaded) loading.delete(key)
      }

      async function loadAndKeep() {
        const mark = await store.mark(keep.tags ?? [])
        const value = await load()
        if (mark !== null && (keep.keeps?.(value) ?? true)) await store.write(key, value, keep.ttlMs, mark)
        return value
      }
    },
    // Who asks after an invalidation must not be given what was read before it.
    removeTagged: async (tag) => {
      loading.clear()
      await store.removeTagged(tag)
    },
    remove: async (key) => {
      loading.delete(key)
      await store.remove(key)
    },
  }
}
