import type { ExplanationReason } from '../../../src/contracts/explanations.ts'
import { reasonCodes } from '../../../src/contracts/code-lists.ts'
import { formatAbout, type Language } from '../../lib/format.ts'
import { humanised } from '../../lib/words.ts'

const named = [
  'brand_tier',
  'price',
  'size',
  'model_age_d',
  'days_since_sale_d',
  'has_battery',
  'is_data_bearing',
  'hygiene_class',
  'hazard_class',
  'warranty_left_d',
  'reason_code',
  'reason_cluster',
  'sale_channel',
  'claim_grade',
  'transit_d',
  'is_opened',
  'accessories',
  'is_rto',
  'customer',
  'photos',
  'grade',
  'functional_test',
  'repair_estimate_log',
  'price_trend_28d',
  'demand',
  'hub_load',
  'distance_km',
  'season',
] as const
const said = [...named, 'category', 'hub_skills', 'not_checked', 'others'] as const
const findings = [
  'fault_power',
  'fault_core',
  'fault_part',
  'fault_screen',
  'fault_sound',
  'crack_screen',
  'crack_case',
  'dent',
  'marks',
  'dirt',
  'tear',
  'wear',
  'liquid',
  'rust',
  'part_missing',
  'main_part_missing',
  'tags_off',
  'opened',
  'pack_damaged',
  'expiry',
  'locked',
  'tampered',
  'counterfeit',
  'wrong_item',
] as const

type Key =
  | `because.${(typeof said)[number] | 'finding' | 'unknown'}`
  | `because.name.${(typeof named)[number]}`
  | `because.findingName.${(typeof findings)[number]}`
  | `reason.${(typeof reasonCodes)[number]}`

export type Speech = {
  readonly language: Language
  readonly say: (key: Key, params?: Record<string, string | number>) => string
  readonly categoryName: (id: string) => string
}

function isOneOf<T extends string>(codes: readonly T[], code: string): code is T {
  return (codes as readonly string[]).includes(code)
}

/** Words by code and parameters; a code that has no message, as of another feature contract, is shown as its words. */
export function reasonText({ code, params }: Pick<ExplanationReason, 'code' | 'params'>, speech: Speech): string {
  const { say } = speech
  if (code.endsWith('.unknown')) {
    const topic = code.slice(0, -'.unknown'.length)
    return say('because.unknown', { topic: isOneOf(named, topic) ? say(`because.name.${topic}`) : humanised(topic) })
  }
  if (code.startsWith('finding_')) {
    const finding = code.slice('finding_'.length)
    const name = isOneOf(findings, finding) ? say(`because.findingName.${finding}`) : humanised(finding)
    return say('because.finding', { ...params, finding: name })
  }
  return isOneOf(said, code) ? say(`because.${code}`, { ...params, ...worded(code, params, speech) }) : humanised(code)
}

/** Parameters that are codes or amounts, as words. */
function worded(
  code: (typeof said)[number],
  params: ExplanationReason['params'],
  { language, say, categoryName }: Speech,
): Record<string, string | number> {
  switch (code) {
    case 'category':
      return { category: categoryName(String(params['category'])) }
    case 'reason_code': {
      const value = String(params['value'])
      return { reason: isOneOf(reasonCodes, value) ? say(`reason.${value}`) : humanised(value) }
    }
    case 'price':
    case 'repair_estimate_log': {
      const money = { amount: Number(params['minor']), currency: String(params['currency']) }
      return { amount: formatAbout(language, money) }
    }
    case 'price_trend_28d': {
      const n = Number(params['n'])
      return { n: Math.abs(n), trend: n === 0 ? 'flat' : n < 0 ? 'fall' : 'rise' }
    }
    default:
      return {}
  }
}
