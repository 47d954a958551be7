export type Point = { readonly lat: number; readonly lng: number }

export type Routing = {
  readonly engine: string
  /** Road distance in kilometres and drive time in minutes of every origin (rows) to every destination (columns). */
  readonly matrix: (
    origins: readonly Point[],
    destinations: readonly Point[],
  ) => Promise<{ readonly km: readonly (readonly number[])[]; readonly minutes: readonly (readonly number[])[] }>
  readonly close: () => Promise<void>
}
