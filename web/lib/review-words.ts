'use client'
import { useTranslations } from 'use-intl'
import { humanised } from './words.ts'

const known = [
  'value_of_looking',
  'low_confidence',
  'abuse_suspected',
  'photo_gate_failed',
  'category_unknown',
  'rules_only',
  'price_unknown',
  'no_admissible_route',
  'dates',
  'window',
  'unknown_sku',
  'unknown_category',
  'value',
  'duplicate',
  'hazmat',
  'no_capacity',
  'no_capable_hub',
  'reservation_lapsed',
  'pincode_unknown',
  'constraint',
  'photos_missing',
  'hazard',
  'counterfeit',
  'wrong_item',
] as const
type Known = (typeof known)[number]

/** Review reasons are codes such as `decision:low_confidence`; one without a message is shown as its words. */
export function useReviewWords(): (reason: string) => string {
  const t = useTranslations('reviewReason')
  return (reason) => {
    const [, code = reason, detail = ''] =
      /^(?:validation:|decision:|hub:|quality:)?([^:]+)(?::(.*))?$/.exec(reason) ?? []
    return known.includes(code as Known) ? t(code as Known, { detail: humanised(detail) }) : humanised(reason)
  }
}
