/** Bytes by key; keys are ours (`photo/<uuid>`), never a name that a person gave. */
export type Blobs = {
  readonly engine: string
  readonly write: (key: string, bytes: Uint8Array) => Promise<void>
  /** Null where there is no such key. */
  readonly read: (key: string) => Promise<Uint8Array | null>
  readonly remove: (key: string) => Promise<void>
  readonly close: () => Promise<void>
}
