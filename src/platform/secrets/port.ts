/** One sealed value: ciphertext under a person's own key, safe to keep anywhere, unreadable once the key is destroyed. */
export type SealRequest = { readonly personId: string; readonly clientId: string; readonly plain: string }

export type Secrets = {
  readonly engine: string
  /** AES-256-GCM under each person's data key, made on first use and wrapped by the master key. In order of the requests. */
  readonly seal: (requests: readonly SealRequest[]) => Promise<string[]>
  /** The plain text, in order; null where the person's key was destroyed. */
  readonly open: (
    sealed: readonly { readonly personId: string; readonly sealed: string }[],
  ) => Promise<(string | null)[]>
  /** A pseudonymous, stable id of a person within a client: a keyed hash, not reversible. */
  readonly personId: (clientId: string, reference: string) => string
  /** What belongs to the installation itself (signing keys, secrets of webhooks), kept in `installation_secrets`. */
  readonly sealBytes: (plain: Uint8Array) => Buffer
  readonly openBytes: (sealed: Uint8Array) => Buffer
  readonly close: () => Promise<void>
}
