'use client'
import { useTranslations } from 'use-intl'
import { Instant } from '../../components/amounts.tsx'
import { defaultTimeZone } from '../../lib/format.ts'
import classes from './analytics.module.css'

/** Up to when everything is in the figures, and where they come from. */
export function AsOf({ at }: { at: string }) {
  const t = useTranslations('analytics')
  return (
    <p className={classes.soft}>
      {t('asOf')} <Instant at={at} timeZone={defaultTimeZone} /> · {t('source')}
    </p>
  )
}
