'use client'
import { useTranslations } from 'use-intl'
import { useReference } from './i18n.tsx'
import { humanised } from './words.ts'

/** Codes of the reference data: those that ship have a name, an operator's own are shown as their words. */
const channels = [
  'own_stock',
  'marketplace_stock',
  'own_outlet',
  'own_site',
  'amazon_in',
  'renewed_programme',
  'flipkart',
  'refurb_marketplace',
  'vendor',
  'liquidator',
  'own_spares',
  'recycler',
  'ngo',
  'destruction_processor',
] as const
const steps = ['ground_transport', 'wipe_certificate', 'counterfeit_review', 'quarantine', 'expiry_check'] as const
const refusals = ['no_free_place', 'serves_other_clients', 'paused', 'lacks'] as const

function isOneOf<T extends string>(codes: readonly T[], code: string): code is T {
  return (codes as readonly string[]).includes(code)
}

export function useChannelName(): (code: string) => string {
  const t = useTranslations('channel')
  return (code) => (isOneOf(channels, code) ? t(code) : humanised(code))
}

/** Steps that must be done before a disposition may close. */
export function useStepNames(): (codes: readonly string[]) => string {
  const t = useTranslations('step')
  return (codes) => codes.map((code) => (isOneOf(steps, code) ? t(code) : humanised(code))).join(', ')
}

/** Why a hub was passed over; `lacks_<capability>` names what it cannot do. */
export function useRefusalName(): (code: string) => string {
  const t = useTranslations('hubRefusal')
  const word = useReference()
  return (code) => {
    const [, capability = ''] = /^lacks_(.+)$/.exec(code) ?? []
    if (capability !== '') return t('lacks', { capability: word(capability.replaceAll('_', ' ')) })
    return isOneOf(refusals, code) && code !== 'lacks' ? t(code) : humanised(code)
  }
}
