'use client'
import { useTranslations } from 'use-intl'
import type { ExplanationReason } from '../../../src/contracts/explanations.ts'
import { useLanguage, useReference } from '../../lib/i18n.tsx'
import { useCategories } from '../../lib/places.ts'
import { humanised } from '../../lib/words.ts'
import { reasonText } from './reason-text.ts'

/** Why, in the reader's language. */
export function useReasonWords(): (reason: ExplanationReason) => string {
  const say = useTranslations()
  const { language } = useLanguage()
  const word = useReference()
  const categories = useCategories().data
  const categoryName = (id: string) =>
    word(categories?.find((category) => category.id === id)?.name ?? humanised(id.split('.').at(-1) ?? ''))
  return (reason) => reasonText(reason, { language, say, categoryName })
}
