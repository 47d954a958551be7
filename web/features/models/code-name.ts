import { useTranslations } from 'use-intl'
import { dispositions } from '../../../src/contracts/code-lists.ts'

/** A disposition in words, also where a channel stands behind it: `resell.flipkart`. */
export function useCodeName() {
  const t = useTranslations('disposition')
  return (code: string, fallback: (code: string) => string) => {
    const [head = '', ...tail] = code.split(/[.:|/]/)
    const known = dispositions.find((one) => one === head)
    return [known === undefined ? fallback(head) : t(known), ...tail.map(fallback)].join(' · ')
  }
}
