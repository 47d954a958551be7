import type { Reason, RecommendationOption } from '#contracts/recommendations.ts'
import { minorDigitsOf } from '#kernel/money.ts'
import { partNames } from './workspace.ts'

const reasonsMax = 4

/** `1,23,456` for rupees, `123,456` elsewhere. `Intl` costs more than the whole decision. */
function grouped(digits: string, isIndian: boolean): string {
  if (digits.length <= 3) return digits
  const tail = digits.slice(-3)
  const step = isIndian ? 2 : 3
  let head = ''
  let end = digits.length - 3
  for (; end > step; end -= step) head = `,${digits.slice(end - step, end)}${head}`
  return `${digits.slice(0, end)}${head},${tail}`
}

/** Amounts from ten units up are said without the minor unit. */
export function moneyText(minor: number, currency: string): string {
  const digits = minorDigitsOf(currency)
  const major = Math.abs(minor) / 10 ** digits
  const text =
    major >= 10 || digits === 0 ? grouped(String(Math.round(major)), currency === 'INR') : major.toFixed(digits)
  return currency === 'INR' ? `₹${text}` : `${currency} ${text}`
}

const partWords = {
  gross: 'Expected proceeds',
  fees: 'Channel fees',
  transport: 'Transport',
  handling: 'Handling',
  repair: 'Repair',
  holding: 'Storage and capital',
  disposal: 'Disposal',
  credits: 'Credits',
  policy: 'Price of emissions, hub time and risk',
  others: 'Everything else',
} as const
type Part = keyof typeof partWords

function compared(part: Part, amount: number, currency: string, other: string): string {
  const isIncome = part === 'gross' || part === 'credits'
  if (part === 'others')
    return `${partWords.others}: ${moneyText(amount, currency)} ${amount >= 0 ? 'better' : 'worse'} than ${other}`
  return `${partWords[part]} ${moneyText(amount, currency)} ${amount > 0 === isIncome ? 'higher' : 'lower'} than ${other}`
}

function alone(part: Part, amount: number, currency: string): string {
  return `${partWords[part]} ${amount < 0 ? '-' : ''}${moneyText(amount, currency)}; no other option is allowed`
}

/** The strongest differences in money between the chosen option and the runner-up; they add up to the difference of utility. */
export function moneyReasons(
  chosen: RecommendationOption,
  other: { readonly option: RecommendationOption; readonly name: string } | null,
  currency: string,
): Reason[] {
  const differences = partNames.map((code) => ({
    code: code as Part,
    amount: chosen.breakdown[code] - (other?.option.breakdown[code] ?? 0),
  }))
  const policy = chosen.utility - chosen.value.mean - (other ? other.option.utility - other.option.value.mean : 0)
  const all = [...differences, { code: 'policy' as Part, amount: policy }]
    .filter(({ amount }) => amount !== 0)
    .toSorted((a, b) => Math.abs(b.amount) - Math.abs(a.amount))
  const kept = all.length <= reasonsMax + 1 ? all : all.slice(0, reasonsMax)
  const rest = all.slice(kept.length).reduce((sum, { amount }) => sum + amount, 0)
  if (rest !== 0) kept.push({ code: 'others', amount: rest })
  return kept.map(({ code, amount }) => ({
    code,
    amount,
    text: other ? compared(code, amount, currency, other.name) : alone(code, amount, currency),
  }))
}
