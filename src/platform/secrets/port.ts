import type { Transaction } from '../db/port.ts'

/** Where a sealed text stands; it opens nowhere else. */
export type Place = { readonly table: string; readonly row: string; readonly field: string }

/** One value to seal: ciphertext under a person's own key, safe to keep anywhere, unreadable once the key is destroyed. */
export type SealRequest = {
  readonly personId: string
  readonly clientId: string
  readonly plain: string
  readonly place: Place
}
export type OpenRequest = { readonly personId: string; readonly sealed: string; readonly place: Place }

export type Secrets = {
  readonly engine: string
  /**
   * AES-256-GCM under each person's data key, made on first use and wrapped. In order of the requests. Who was erased gets
   * a new key of the next version: older texts stay closed.
   */
  readonly seal: (requests: readonly SealRequest[]) => Promise<string[]>
  /** The plain text, in order; null where the key that sealed it was destroyed, or the person's data may not be used. */
  readonly open: (sealed: readonly OpenRequest[]) => Promise<(string | null)[]>
  /** As `open`, also of persons whose data are restricted: to hand them their own data, and to find them. */
  readonly openRestricted: (sealed: readonly OpenRequest[]) => Promise<(string | null)[]>
  /** Ends the life of these keys, within the caller's transaction: whatever they sealed stays closed, wherever it stands. */
  readonly destroy: (tx: Transaction, personIds: readonly string[], at: Date) => Promise<void>
  /** Lets what these keys sealed rest from this instant; null ends that. */
  readonly restrict: (tx: Transaction, personIds: readonly string[], since: Date | null) => Promise<void>
  /** A pseudonymous, stable id of a person within a client: a keyed hash, not reversible. */
  readonly personId: (clientId: string, reference: string) => string
  /** A keyed hash to find a value by, without keeping it (blind index). Equal values of two kinds or clients differ. */
  readonly mark: (clientId: string, kind: string, value: string) => string
  /** What belongs to the installation itself (signing keys, secrets of webhooks), kept in `installation_secrets`. */
  readonly sealBytes: (plain: Uint8Array) => Buffer
  readonly openBytes: (sealed: Uint8Array) => Buffer
  readonly close: () => Promise<void>
}

/** Keys that wrap the keys of stored files. */
export type BlobKeys = {
  /** The one that wraps now, by the database: another process may have made a newer one. */
  readonly currentBlobKey: () => Promise<{ readonly id: string; readonly key: Buffer }>
  /** Null where there is no such key. */
  readonly blobKey: (id: string) => Promise<Buffer | null>
}

/**
 * The key above all keys. It wraps few things (keys that wrap keys), under a name that is authenticated with them; a wrapped
 * text tells which key of the engine it needs.
 */
export type MasterKey = {
  readonly engine: 'file' | 'vault'
  /** Where it is, for people: no secret. */
  readonly place: string
  readonly wrap: (plain: Uint8Array, name: string) => Promise<string>
  /** Throws `AppError` `master_key_wrong` where it is not the key of this text. */
  readonly unwrap: (wrapped: string, name: string) => Promise<Buffer>
  /** Whether a newer key wraps by now. */
  readonly isStale: (wrapped: string) => Promise<boolean>
  /** Makes the first key of an installation that has nothing sealed yet; does nothing where there is one. */
  readonly create: () => Promise<void>
  /** Makes a newer key, which wraps from now on; the older ones still open. */
  readonly renew: () => Promise<void>
  /** Ends the life of all keys but the newest. */
  readonly retire: () => Promise<void>
}
