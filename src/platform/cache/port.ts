/** The state of some tags before their source was read: what is invalidated since then is never served from an entry that bears it. */
export type Mark = Readonly<Record<string, string>>

/** A look-aside cache: losing any entry at any moment must only cost time. No call of it ever fails or waits long. */
export type CacheStore = {
  readonly engine: string
  readonly read: <T>(key: string) => Promise<T | undefined>
  readonly write: (key: string, value: unknown, ttlMs: number, mark?: Mark) => Promise<void>
  /** Asked before the source is read, and given to `write`; null where nothing can be kept now. */
  readonly mark: (tags: readonly string[]) => Promise<Mark | null>
  readonly remove: (key: string) => Promise<void>
  /** Ends all entries that bear the tag, also those whose source is being read at this moment. */
  readonly removeTagged: (tag: string) => Promise<void>
  readonly close: () => Promise<void>
}

export type Cache = CacheStore & {
  /**
   * What is kept under the key, else what `load` answers, kept for `ttlMs` unless `keeps` says no. Many who ask for
   * one key at once in this process cause one `load`; its error goes to each of them and is not kept.
   */
  readonly through: <T>(
    key: string,
    keep: { readonly ttlMs: number; readonly tags?: readonly string[]; readonly keeps?: (value: T) => boolean },
    load: () => Promise<T>,
  ) => Promise<T>
}
