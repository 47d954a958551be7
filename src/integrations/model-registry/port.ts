import type { ModelAlias } from '#contracts/model-registry.ts'

/** Name of the one model that this product registers versions of. */
export const modelName = 'returns'

/** Files of a model folder that belong to it; others are left where they are. */
export const modelFiles = [
  'model.json',
  'golden.x.f32',
  'golden.y.f32',
  'calibration.json',
  'metrics.json',
  'reference.json',
  'card.md',
] as const
export type ModelFiles = ReadonlyMap<string, Uint8Array>

/** What is known of a version without reading its trees. */
export type ModelFacts = {
  readonly version: string
  /** SHA-256 (hex) over all its files: one version is one set of bytes. */
  readonly sha256: string
  readonly contractHash: string
  readonly dataHash: string
  readonly trainedOn: string
  readonly metrics: Readonly<Record<string, number>>
}

export type RegisteredModel = ModelFacts & {
  readonly registeredAt: string
  /** Who registered it; `system` is the program itself, for what ships with it. */
  readonly registeredBy: string
  readonly aliases: readonly ModelAlias[]
}

export type AliasChange = {
  readonly alias: ModelAlias
  readonly version: string
  readonly by: string
  readonly reason: string | null
  /** The gate said no, and a person decided otherwise. */
  readonly isForced: boolean
  readonly at: Date
}

export type ModelRegistry = {
  readonly engine: string
  /** The newest first. */
  readonly list: () => Promise<RegisteredModel[]>
  readonly find: (version: string) => Promise<RegisteredModel | null>
  readonly byAlias: (alias: ModelAlias) => Promise<RegisteredModel | null>
  /** Keeps the files. The same bytes again change nothing; other bytes under a known version are `AppError('conflict')`. */
  readonly register: (
    facts: ModelFacts,
    files: ModelFiles,
    who: { readonly by: string; readonly at: Date },
  ) => Promise<RegisteredModel>
  /** Points an alias at a version; answers where it pointed before. Throws `not_found` for a version that is not registered. */
  readonly point: (change: AliasChange) => Promise<{ readonly before: string | null }>
  /** Changes of an alias, the newest first. */
  readonly history: (alias: ModelAlias) => Promise<readonly Omit<AliasChange, 'alias'>[]>
  readonly read: (version: string) => Promise<ModelFiles>
  readonly close: () => Promise<void>
}

/** What a replay of all golden vectors gave: at most so far from the trainer's answers. */
export type ModelParity = { readonly rows: number; readonly regression: number; readonly probability: number }

export type InspectedModel = { readonly facts: ModelFacts; readonly files: ModelFiles; readonly parity: ModelParity }

/** Models of this installation: the registry, and the embedded engine that serves its champion. */
export type Models = {
  readonly registry: ModelRegistry
  /** Reads a model folder and replays all its golden vectors. Throws `AppError` when it must not serve. */
  readonly inspect: (folder: string) => Promise<InspectedModel>
  /** The folder of a registered version on this machine, its bytes as they were registered. */
  readonly place: (version: string) => Promise<string>
  /** Lets the embedded engine take in the champion. Never throws. */
  readonly refresh: () => Promise<void>
  /** Version that the embedded engine serves, and what it refused. */
  readonly serving: () => {
    readonly version: string | null
    readonly refused: { readonly version: string; readonly why: string; readonly atMs: number } | null
  }
}
