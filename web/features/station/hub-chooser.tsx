'use client'
import { Select } from '@mantine/core'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { Hub } from '../../../src/contracts/hubs.ts'
import { BrandMark } from '../../components/brand.tsx'
import { LanguageMenu, ThemeSwitch } from '../../components/preferences.tsx'
import { changeSettings } from './settings.ts'
import classes from './station.module.css'

export function HubChooser({ hubs, account }: { hubs: readonly Hub[]; account: ReactNode }) {
  const t = useTranslations('station')
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Link href="/returns" prefetch={false} className={classes.home} aria-label={t('toReturns')}>
          <BrandMark />
        </Link>
        <div className={classes.tools} style={{ marginLeft: 'auto' }}>
          <LanguageMenu />
          <ThemeSwitch />
          {account}
        </div>
      </header>
      <main className={classes.chooser} id="content">
        <h1>{t('whichHub')}</h1>
        {hubs.length === 0 ? (
          <p>{t('noHub')}</p>
        ) : (
          <Select
            aria-label={t('whichHub')}
            searchable
            data={hubs.map((one) => ({ value: one.id, label: `${one.code} · ${one.name}` }))}
            value={null}
            onChange={(chosen) => changeSettings({ hubId: chosen })}
          />
        )}
      </main>
    </div>
  )
}
