'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import type { PolicyVersion } from '../../../src/contracts/decision-policy.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { defaultTimeZone, formatInstant, formatNumber, type Language } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { policyKeys, readVersions } from './api.ts'
import classes from './policies.module.css'

/** Who changed what, when and why. */
export function History() {
  const t = useTranslations('policies')
  const versions = useQuery({ queryKey: policyKeys.versions, queryFn: ({ signal }) => readVersions(signal) })
  return (
    <Panel title={t('history')}>
      <DataRegion
        query={versions}
        skeleton={<Skeleton height={120} radius="md" />}
        isEmpty={(all) => all.length === 0}
        empty={<p>{t('noHistory')}</p>}
      >
        {(all) => (
          <ol className={classes.versions}>
            {all.map((one) => (
              <Version key={one.version} version={one} />
            ))}
          </ol>
        )}
      </DataRegion>
    </Panel>
  )
}

function Version({ version }: { version: PolicyVersion }) {
  const t = useTranslations('policies')
  const { language } = useLanguage()
  const name = t('versionOf', { version: version.version })
  return (
    <li className={classes.entry}>
      <p className={classes.head}>
        <strong>{name}</strong>
        <span>{formatInstant(language, version.at, defaultTimeZone)}</span>
        <span>{version.byName ?? version.by}</span>
      </p>
      <p className={classes.reason}>{version.reason}</p>
      <DataTable
        label={t('changesOf', { version: version.version })}
        columns={[{ name: t('where') }, { name: t('before'), isFigure: true }, { name: t('after'), isFigure: true }]}
        rows={version.changes.map(({ pointer, before, after }) => ({
          id: pointer,
          cells: [
            <span key="pointer" className="code">
              {pointer}
            </span>,
            shown(language, before),
            shown(language, after),
          ],
        }))}
      />
    </li>
  )
}

const lengthMax = 80

function shown(language: Language, value: unknown): string {
  if (typeof value === 'number') return formatNumber(language, value, 8)
  if (value === null) return '–'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text
}
