/** Features of one unit as a model saw them: a row of the feature contract, NaN where one is missing. */
export type FeatureRow = { readonly returnId: string; readonly at: Date; readonly row: Float32Array }

export type FeatureStore = {
  readonly engine: string
  /** The newest row of a unit holds, in whatever order they come; the same rows again change nothing. */
  readonly push: (rows: readonly FeatureRow[]) => Promise<void>
  /** In order; null where there is none. Numbers come back as they went in, to float32. */
  readonly read: (returnIds: readonly string[]) => Promise<(Float32Array | null)[]>
  readonly close: () => Promise<void>
}
