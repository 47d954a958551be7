import type { FeatureDrift, TrainingReference } from '#contracts/drift.ts'

/** Units of a stretch of time, as rows of the feature contract. */
export type DriftWindow = { readonly count: number; readonly rows: Float32Array }

export type Drift = {
  readonly engine: string
  /** One entry for each feature of the reference, in its order. */
  readonly measure: (reference: TrainingReference, window: DriftWindow) => Promise<readonly FeatureDrift[]>
}
