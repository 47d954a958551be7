/** Token buckets of a minute: `quota` may come at once, and as many come back in a minute. No call of it fails or waits long. */
export type Buckets = {
  readonly engine: string
  /** Takes one; answers what is left, below zero where there was none: then nothing was taken. */
  readonly take: (key: string, quota: number) => number | Promise<number>
  readonly close: () => Promise<void>
}
