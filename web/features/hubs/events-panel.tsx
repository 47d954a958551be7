'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import type { HubEventEntry } from '../../../src/contracts/hub-board.ts'
import { type Hub, type HubCapability, hubCapabilities } from '../../../src/contracts/hubs.ts'
import { Instant } from '../../components/amounts.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { hubKeys, readEvents } from './api.ts'
import classes from './hubs.module.css'

/** What was changed of the hub itself, newest first. */
export function EventsPanel({ hub }: { hub: Hub }) {
  const t = useTranslations('hubs')
  const events = useQuery({ queryKey: hubKeys.events(hub.id), queryFn: ({ signal }) => readEvents(hub.id, signal) })
  return (
    <Panel title={t('events')}>
      <DataRegion query={events} skeleton={<Skeleton height={200} radius="md" />}>
        {(entries) => (
          <ol className={classes.list}>
            {entries.map((entry) => (
              <li key={entry.version} className={classes.event}>
                <p>
                  <strong>{entry.type === 'HubCreated' ? t('created') : t('changed')}</strong>{' '}
                  <span className={classes.soft}>
                    <Instant at={entry.at} timeZone={hub.timezone} />
                    {entry.byName === null ? null : ` · ${t('by', { name: entry.byName })}`}
                  </span>
                </p>
                <Changes entry={entry} />
              </li>
            ))}
          </ol>
        )}
      </DataRegion>
    </Panel>
  )
}

function Changes({ entry: { type, changes } }: { entry: HubEventEntry }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  if (type === 'HubCreated') return null
  if (changes.length === 0) return <p className={classes.soft}>{t('nothingChanged')}</p>
  const shown = (field: string, value: string | null): string => {
    if (value === null) return t('allClients')
    if (value === '') return t('none')
    switch (field) {
      case 'capacity':
      case 'minutesPerDay':
      case 'clientIds':
        return formatNumber(language, Number(value))
      case 'status':
        return t(`status.${value as Hub['status']}`)
      case 'capabilities':
        return value
          .split(',')
          .map((one) =>
            hubCapabilities.includes(one as HubCapability) ? t(`capability.${one as HubCapability}`) : one,
          )
          .join(', ')
      default:
        return value
    }
  }
  return (
    <ul className={classes.changes}>
      {changes.map(({ field, from, to }) => (
        <li key={field}>
          {field === 'capabilities'
            ? `${t('field.capabilities')}: ${difference(from, to, (one) => shown(field, one))}`
            : t('change', { field: t(`field.${field as 'name'}`), from: shown(field, from), to: shown(field, to) })}
        </li>
      ))}
    </ul>
  )
}

/** Of two lists, what came with a plus and what went with a minus. */
function difference(from: string | null, to: string | null, nameOf: (one: string) => string): string {
  const [before, after] = [from, to].map((list) => (list ?? '').split(',').filter((one) => one !== ''))
  const came = after!.filter((one) => !before!.includes(one)).map((one) => `+${nameOf(one)}`)
  const went = before!.filter((one) => !after!.includes(one)).map((one) => `\u2212${nameOf(one)}`)
  return [...came, ...went].join(', ')
}
