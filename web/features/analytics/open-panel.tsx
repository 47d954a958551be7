'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { Dashboard } from '../../../src/contracts/analytics.ts'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import classes from './analytics.module.css'

/** What is open at this moment, whatever the period. */
export function OpenPanel({ dashboard: { onTime, reservations } }: { dashboard: Dashboard }) {
  const t = useTranslations('analytics')
  const { language } = useLanguage()
  const linked = (href: string, value: number, name: string) => (
    <Link
      href={href}
      prefetch={false}
      className={`num ${classes.link}`}
      aria-label={t('openList', { name, value: formatNumber(language, value) })}
    >
      {formatNumber(language, value)}
    </Link>
  )
  return (
    <Panel title={t('now')}>
      <Facts
        items={[
          [t('open'), linked(onTime.list, onTime.open, t('open'))],
          [t('overdue'), formatNumber(language, onTime.overdue)],
          [t('onTime'), onTime.share === null ? t('unknown') : formatShare(language, onTime.share)],
          [t('reserved'), linked(reservations.list, reservations.count, t('reserved'))],
        ]}
      />
      <p className={classes.soft}>{t('onTimeFormula')}</p>
    </Panel>
  )
}
