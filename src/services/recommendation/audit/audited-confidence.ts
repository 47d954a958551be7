import type { Appraisal } from '#contracts/outcomes.ts'
import type { RecommendationBody } from '#contracts/recommendations.ts'

/** One appraised unit: the raw share of draws that the engine's first option won, and whether people found it the best. */
export type AuditItem = { readonly raw: number; readonly isBest: boolean }

export type AuditReport = {
  /** Appraised units that could be held against the engine, and those whose first option nobody appraised. */
  readonly items: number
  readonly leftOut: number
  readonly shareBest: number | null
  /** Mean distance of the raw share from what was found, over bins of equal size. */
  readonly ece: number | null
  readonly bins: readonly { readonly raw: number; readonly best: number; readonly items: number }[]
  /** For `calibration.json` of the model; null while there are too few items. */
  readonly confidence: { readonly basis: 'audited'; readonly knots: readonly (readonly [number, number])[] } | null
}

/** With fewer the map would be one of chance. */
export const auditItemsMin = 200
const binsMax = 15

/** Null where the engine's first option was not appraised: then nothing is said of it. */
export function auditItem(raw: RecommendationBody, appraisals: readonly Appraisal[]): AuditItem | null {
  const [first] = raw.options
  if (first === undefined || raw.confidence === null) return null
  const isFirst = ({ disposition, channel }: Appraisal) =>
    disposition === first.disposition && (channel === null || channel === first.channel)
  const own = appraisals.filter(isFirst).map((appraisal) => appraisal.valueMinor)
  const others = appraisals.filter((appraisal) => !isFirst(appraisal)).map((appraisal) => appraisal.valueMinor)
  if (own.length === 0 || others.length === 0) return null
  return { raw: raw.confidence, isBest: Math.max(...own) >= Math.max(...others) }
}

export function auditReport(items: readonly AuditItem[], leftOut: number): AuditReport {
  const sorted = items.toSorted((a, b) => a.raw - b.raw)
  const bins = binsOf(sorted)
  const total = sorted.length
  return {
    items: total,
    leftOut,
    shareBest: total === 0 ? null : sorted.filter((item) => item.isBest).length / total,
    ece: total === 0 ? null : bins.reduce((sum, bin) => sum + (bin.items / total) * Math.abs(bin.raw - bin.best), 0),
    bins,
    confidence: total < auditItemsMin ? null : { basis: 'audited', knots: knotsOf(bins) },
  }
}

function binsOf(sorted: readonly AuditItem[]): AuditReport['bins'] {
  const count = Math.min(binsMax, Math.max(1, Math.floor(sorted.length / 10)))
  return Array.from({ length: sorted.length === 0 ? 0 : count }, (_, b) => {
    const part = sorted.slice(Math.floor((b * sorted.length) / count), Math.floor(((b + 1) * sorted.length) / count))
    return {
      raw: part.reduce((sum, item) => sum + item.raw, 0) / part.length,
      best: part.filter((item) => item.isBest).length / part.length,
      items: part.length,
    }
  })
}

/** Isotonic regression by pooling neighbours that violate the order; rising in both, from 0 to 1 of the raw share. */
function knotsOf(bins: AuditReport['bins']): (readonly [number, number])[] {
  const blocks: { raw: number; best: number; items: number }[] = []
  for (const bin of bins) {
    let block = { ...bin }
    while (blocks.length > 0 && blocks.at(-1)!.best >= block.best) {
      const before = blocks.pop()!
      const items = before.items + block.items
      const mean = (a: number, b: number) => (a * before.items + b * block.items) / items
      block = { raw: mean(before.raw, block.raw), best: mean(before.best, block.best), items }
    }
    blocks.push(block)
  }
  const inner = blocks.map(({ raw, best }) => [raw, best] as const).filter(([raw]) => raw > 0 && raw < 1)
  return [[0, blocks[0]!.best], ...inner, [1, blocks.at(-1)!.best]]
}
