'use client'
import { useTranslations } from 'use-intl'
import { webhookEventTypes, webhookTestType } from '../../../src/contracts/webhooks.ts'
import type { Tone } from '../../components/tag.tsx'
import type { Delivery } from './api.ts'

/** The name of an event for people, with its code: who writes the receiver needs the code. */
export function useEventName(): (type: string) => string {
  const t = useTranslations('webhooks.event')
  return (type) => {
    const known = [...webhookEventTypes, webhookTestType].find((one) => one === type)
    if (known === undefined) return type
    return `${t(known.replace('.', '_') as Parameters<typeof t>[0])} (${type})`
  }
}

export const stateTones: Readonly<Record<Delivery['state'], Tone>> = {
  pending: 'info',
  delivered: 'good',
  failed: 'bad',
}
