'use client'
import { useTranslations } from 'use-intl'
import {
  acceptances,
  custodies,
  dispositions,
  executions,
  grades,
  moneyStates,
  stages,
} from '../../../src/contracts/code-lists.ts'
import type { ReturnDetail, TimelineEntry } from '../../../src/contracts/returns.ts'
import { formatAbout, formatDistance, formatInstant, formatMoney, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useHubs, useTimeZone } from '../../lib/places.ts'
import { humanised } from '../../lib/words.ts'
import { useChannelName } from '../../lib/code-words.ts'
import { useReviewWords } from '../../lib/review-words.ts'

type Change = TimelineEntry['changes'][number]
export type WordedChange = {
  readonly field: string
  readonly from: string | null
  readonly to: string | null
}

/** Shown by another field of the same event, or of no use to a reader. */
const hidden = new Set([
  'needsReview',
  'processedBy',
  'qualityCheckId',
  'checkedAt',
  'decidedAt',
  'receivedAt',
  'completedAt',
  'workflowId',
])

const fields = [
  'stage',
  'custody',
  'acceptance',
  'execution',
  'moneyState',
  'grade',
  'disposition',
  'recommendedDisposition',
  'hubId',
  'hubDistanceKm',
  'reservedUntil',
  'locationCode',
  'reviewReasons',
  'recommendedChannel',
  'recommendedValueMinor',
  'recommendedConfidence',
  'dispositionChannel',
  'expectedValueMinor',
  'realisedValueMinor',
  'refundMinor',
] as const
type Field = (typeof fields)[number]

function isOneOf<T extends string>(codes: readonly T[], value: unknown): value is T {
  return codes.includes(value as T)
}

/** Old and new value of a field in the reader's words. */
export function useChangeWords(unit: ReturnDetail): (change: Change) => WordedChange | null {
  const t = useTranslations()
  const { language } = useLanguage()
  const hubs = useHubs()
  const timeZone = useTimeZone(unit.hubId)
  const reviewWords = useReviewWords()
  const channel = useChannelName()
  const currency = unit.refund.currency

  const word = (field: string, value: unknown): string | null => {
    if (value === null || value === undefined || value === '') return null
    if (field === 'hubId') return hubs.data?.find((hub) => hub.id === value)?.code ?? textOf(value)
    if (field === 'recommendedValueMinor' || field === 'expectedValueMinor')
      return formatAbout(language, { amount: Number(value), currency })
    if (field.endsWith('Minor')) return formatMoney(language, { amount: Number(value), currency })
    if (field === 'recommendedConfidence') return formatShare(language, Number(value))
    if (field === 'hubDistanceKm') return formatDistance(language, Number(value))
    if (field === 'reservedUntil') return formatInstant(language, textOf(value), timeZone)
    if (field === 'reviewReasons')
      return Array.isArray(value) && value.length > 0 ? value.map((one) => reviewWords(textOf(one))).join('; ') : null
    if (field.endsWith('Channel')) return channel(textOf(value))
    if (field === 'stage' && isOneOf(stages, value)) return t(`stage.${value}`)
    if (field === 'custody' && isOneOf(custodies, value)) return t(`custody.${value}`)
    if (field === 'acceptance' && isOneOf(acceptances, value)) return t(`acceptance.${value}`)
    if (field === 'execution' && isOneOf(executions, value)) return t(`execution.${value}`)
    if (field === 'moneyState' && isOneOf(moneyStates, value)) return t(`moneyState.${value}`)
    if (field === 'grade' && isOneOf(grades, value)) return value
    if (field.toLowerCase().endsWith('disposition') && isOneOf(dispositions, value)) return t(`disposition.${value}`)
    return textOf(value)
  }

  return ({ field, from, to }) => {
    if (hidden.has(field)) return null
    const name = fields.includes(field as Field) ? t(`field.${field as Field}`) : humanised(field)
    return { field: name, from: word(field, from), to: word(field, to) }
  }
}

/** A value of the log as text; what is no plain value is shown as it is kept. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
