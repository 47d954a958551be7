'use client'
import { ActionIcon, Tooltip } from '@mantine/core'
import { CloudOff, CloudUpload, Settings2, TriangleAlert, Wifi } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { BrandMark } from '../../components/brand.tsx'
import { LanguageMenu, ThemeSwitch } from '../../components/preferences.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import type { OutboxState } from './outbox.ts'
import { useBenchSettings } from './settings.ts'
import classes from './station.module.css'

type Props = {
  readonly hubCode: string
  readonly name: string
  readonly today: { readonly count: number; readonly anHour: number }
  readonly counts: OutboxState
  readonly account: ReactNode
  readonly onQueue: () => void
  readonly onSettings: () => void
}

/** Where and who, how much today, and whether everything has reached the server. */
export function BenchBar({ hubCode, name, today, counts, account, onQueue, onSettings }: Props) {
  const t = useTranslations()
  const { bench } = useBenchSettings()
  const { language } = useLanguage()
  const { line, waiting, needs } = counts
  const Icon = line !== 'online' ? CloudOff : waiting > 0 ? CloudUpload : Wifi
  return (
    <header className={classes.bar}>
      <Link href="/returns" prefetch={false} className={classes.home} aria-label={t('station.toReturns')}>
        <BrandMark />
      </Link>
      <p className={classes.where}>
        <strong>{hubCode}</strong>
        <span className="code">{bench ?? t('station.noBench')}</span>
        <span className={classes.who}>{name}</span>
      </p>
      <p className={classes.today}>
        {t('station.today', { count: formatNumber(language, today.count) })}
        <span className="num"> · {t('station.anHour', { count: formatNumber(language, today.anHour) })}</span>
      </p>
      <button
        type="button"
        className={classes.line}
        data-line={line}
        data-needs={needs > 0 || undefined}
        data-testid="line"
        onClick={onQueue}
      >
        <Icon size={19} aria-hidden />
        <span className={classes.lineWord}>{t(`station.line.${line}`)}</span>
        <span className="num">{t('station.queueCount', { count: waiting })}</span>
        {needs > 0 ? (
          <strong className={classes.needsCount}>
            <TriangleAlert size={16} aria-hidden /> <span className="num">{needs}</span>{' '}
            <span className={classes.lineWord}>{t('station.needsCount', { count: needs })}</span>
          </strong>
        ) : null}
      </button>
      <div className={classes.tools}>
        <Tooltip label={t('station.settings')}>
          <ActionIcon aria-label={t('station.settings')} onClick={onSettings}>
            <Settings2 size={20} />
          </ActionIcon>
        </Tooltip>
        <span className={classes.wide}>
          <LanguageMenu />
          <ThemeSwitch />
        </span>
        {account}
      </div>
    </header>
  )
}
