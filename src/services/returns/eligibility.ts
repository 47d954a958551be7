import type { ValidationFinding } from '#contracts/returns.ts'

/** Facts of one unit that the eligibility rules judge. Instants are epoch milliseconds. */
export type EligibilityFacts = {
  readonly nowMs: number
  readonly returnType: 'customer_return' | 'rto'
  readonly reasonCode: string
  readonly requestedAtMs: number
  readonly orderedAtMs: number | null
  readonly deliveredAtMs: number | null
  readonly windowDays: number
  readonly isCategoryReturnable: boolean
  readonly isProductReturnable: boolean
  readonly isProductKnown: boolean
  readonly hasSku: boolean
  readonly isCategoryKnown: boolean
  readonly isHazmat: boolean
  readonly isRecalled: boolean
  readonly priceMinor: number | null
  readonly mrpMinor: number | null
  readonly reviewAboveMinor: number
  readonly isOpened: boolean | null
  readonly hygiene: 'none' | 'opened_unsellable' | 'cleanable'
  /** Units bought on this order line, and units of it returned before; null when the order is not known. */
  readonly quantityBought: number | null
  readonly unitsReturnedBefore: number
  readonly isSerialReturnedBefore: boolean
}

type Rule = { readonly id: string; readonly judge: (facts: EligibilityFacts) => ValidationFinding | null }

function finding(rule: string, verdict: ValidationFinding['verdict'], detail: string): ValidationFinding {
  return { rule, verdict, detail }
}

const dayMs = 86_400_000

/** The customer's rights against a faulty or wrong article do not end with the seller's change-of-mind window. */
const sellerFaults = ['defective', 'damaged_in_transit', 'wrong_item', 'missing_parts', 'not_as_described', 'recall']

const rules: readonly Rule[] = [
  {
    id: 'dates',
    judge: (f) => {
      if (f.orderedAtMs !== null && f.requestedAtMs < f.orderedAtMs) {
        return finding('dates', 'reject', 'the return was requested before the order was placed')
      }
      if (f.deliveredAtMs !== null && f.returnType === 'customer_return' && f.requestedAtMs < f.deliveredAtMs) {
        return finding('dates', 'review', 'the return was requested before the delivery')
      }
      return null
    },
  },
  {
    id: 'window',
    judge: (f) => {
      // A parcel that the buyer never took has no window: it comes back whatever the date.
      if (f.returnType === 'rto' || f.reasonCode === 'recall') return null
      const start = f.deliveredAtMs ?? f.orderedAtMs
      if (start === null) return null
      const days = Math.floor((f.requestedAtMs - start) / dayMs)
      if (days <= f.windowDays) return null
      const detail = `requested ${days} days after ${f.deliveredAtMs === null ? 'the order' : 'delivery'}, the window is ${f.windowDays} days`
      return finding('window', sellerFaults.includes(f.reasonCode) ? 'review' : 'reject', detail)
    },
  },
  {
    id: 'category',
    judge: (f) => {
      if (f.isCategoryReturnable && f.isProductReturnable) return null
      if (f.returnType === 'rto' || sellerFaults.includes(f.reasonCode)) return null
      return finding(
        'category',
        'reject',
        f.isProductReturnable
          ? 'goods of this category are not returnable'
          : 'the seller sells this product as not returnable',
      )
    },
  },
  {
    id: 'hygiene',
    judge: (f) =>
      f.hygiene === 'opened_unsellable' &&
      f.isOpened === true &&
      f.returnType === 'customer_return' &&
      !sellerFaults.includes(f.reasonCode)
        ? finding('hygiene', 'reject', 'opened hygiene goods come back only when faulty or wrong')
        : null,
  },
  {
    id: 'unknown_sku',
    judge: (f) => {
      if (f.hasSku && !f.isProductKnown) return finding('unknown_sku', 'review', 'the SKU is not in the catalogue')
      return f.isCategoryKnown
        ? null
        : finding('unknown_category', 'review', 'neither SKU nor category says what it is')
    },
  },
  {
    id: 'value',
    judge: (f) => {
      if (f.priceMinor !== null && f.mrpMinor !== null && f.priceMinor > f.mrpMinor * 1.5) {
        return finding('value', 'review', 'the price paid is far above the list price')
      }
      return f.priceMinor !== null && f.priceMinor > f.reviewAboveMinor
        ? finding('value', 'review', 'its value is above what goes through without a person')
        : null
    },
  },
  {
    id: 'duplicate',
    judge: (f) => {
      if (f.isSerialReturnedBefore)
        return finding('duplicate', 'review', 'a unit with this serial number is already coming back')
      return f.quantityBought !== null && f.unitsReturnedBefore >= f.quantityBought
        ? finding('duplicate', 'reject', `all ${f.quantityBought} units of this order line came back already`)
        : null
    },
  },
  {
    id: 'hazmat',
    judge: (f) =>
      f.isHazmat ? finding('hazmat', 'review', 'dangerous goods: a person must release the transport') : null,
  },
  {
    id: 'recall',
    judge: (f) => (f.isRecalled ? finding('recall', 'note', 'the product is under recall') : null),
  },
]

/** The rules by their ids, for documentation and the rules table. */
export const eligibilityRules: readonly string[] = rules.map((rule) => rule.id)

/** What the rules find, pure. A `reject` refuses by policy, a `review` asks for a person, a `note` only informs. */
export function judgeEligibility(facts: EligibilityFacts): ValidationFinding[] {
  return rules.flatMap((rule) => rule.judge(facts) ?? [])
}

export function acceptanceOf(findings: readonly ValidationFinding[]): 'accepted' | 'manual_review' | 'rejected' {
  if (findings.some((f) => f.verdict === 'reject')) return 'rejected'
  return findings.some((f) => f.verdict === 'review') ? 'manual_review' : 'accepted'
}
