/** A look-aside cache: losing any entry at any moment must only cost time. */
export type Cache = {
  readonly engine: string
  readonly read: <T>(key: string) => Promise<T | undefined>
  readonly write: (key: string, value: unknown, ttlMs: number) => Promise<void>
  readonly remove: (key: string) => Promise<void>
  readonly close: () => Promise<void>
}
