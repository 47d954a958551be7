/** A bounded memory of what was made lately: losing any entry only costs the making. */
export type Recent<V> = {
  readonly get: (key: string) => V | undefined
  readonly set: (key: string, value: V) => void
}

/** Keeps `max` entries, each for `keptMs` at most; the oldest goes first. `now` in milliseconds. */
export function recent<V>(max: number, keptMs: number, now: () => number): Recent<V> {
  const entries = new Map<string, { readonly value: V; readonly atMs: number }>()
  return {
    get: (key) => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (now() - entry.atMs <= keptMs) return entry.value
      entries.delete(key)
      return undefined
    },
    set: (key, value) => {
      entries.delete(key)
      entries.set(key, { value, atMs: now() })
      if (entries.size > max) entries.delete(entries.keys().next().value!)
    },
  }
}
