import type { ReasonCluster } from '#contracts/codes.ts'

/** What a customer's words are about. */
export type ReasonRead = {
  /** Null where nothing can be said with enough certainty. */
  readonly cluster: ReasonCluster | null
  readonly probability: number
  /** From -1 (displeased) to 1; null where the engine cannot tell. */
  readonly sentiment: number | null
}

export type CategoryRead = { readonly categoryId: string; readonly probability: number }

export type TextPart = {
  readonly part: 'reason' | 'sentiment' | 'category'
  readonly engine: string
  readonly version: string
}

export type Text = {
  readonly engine: string
  /** Which engine answers what; parts that nothing answers are left out. */
  readonly parts: readonly TextPart[]
  /** One answer a text, in order. */
  readonly reasonOf: (texts: readonly string[]) => Promise<ReasonRead[]>
  /** One answer a title, in order; null where it tells no category. */
  readonly categoryOf: (titles: readonly string[]) => Promise<(CategoryRead | null)[]>
  readonly close: () => Promise<void>
}
