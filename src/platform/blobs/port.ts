/** Bytes by key; keys are ours (`photo/<uuid>`), never a name that a person gave. */
export type Blobs = {
  readonly engine: string
  /** Whole or not at all. Takes chunks too, so that what is large never stands in memory as one piece. */
  readonly write: (key: string, bytes: Uint8Array | AsyncIterable<Uint8Array>) => Promise<void>
  /** Null where there is no such key. */
  readonly read: (key: string) => Promise<Uint8Array | null>
  /** The same bytes in chunks. */
  readonly stream: (key: string) => Promise<AsyncIterable<Uint8Array> | null>
  readonly remove: (key: string) => Promise<void>
  /** All keys, in no order; of one kind (`photo`) where it is named. */
  readonly list: (kind?: string) => AsyncIterable<string>
  /** Puts the bytes under the newest key where an older one, or none, protects them; answers whether it did. */
  readonly rewrap: (key: string) => Promise<boolean>
  readonly close: () => Promise<void>
}
