'use client'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import { dispositions, reasonCodes } from '../../../src/contracts/code-lists.ts'
import type { Trends } from '../../../src/contracts/analytics.ts'
import { useCategories, useHubs } from '../../lib/places.ts'
import { useReference } from '../../lib/i18n.tsx'

/** Names of what a figure is cut by. */
export function useKeyNames(dimension: Trends['dimension']): (key: string | null) => string {
  const t = useTranslations()
  const word = useReference()
  const hubs = useHubs().data
  const categories = useCategories().data
  return useCallback(
    (key) => {
      if (key === null || key === '') return t('analytics.none')
      if (key === 'other') return t('analytics.other')
      if (dimension === 'hub') return hubs?.find(({ id }) => id === key)?.code ?? key
      if (dimension === 'category') return word(categories?.find(({ id }) => id === key)?.name ?? key)
      if (dimension === 'disposition') {
        const known = dispositions.find((one) => one === key)
        return known === undefined ? key : t(`disposition.${known}`)
      }
      if (dimension === 'reason') {
        const known = reasonCodes.find((one) => one === key)
        return known === undefined ? key : t(`reason.${known}`)
      }
      return key
    },
    [dimension, hubs, categories, t, word],
  )
}
