'use client'
import { Skeleton } from '@mantine/core'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { BoardHub, HubBoard } from '../../../src/contracts/hub-board.ts'
import type { Hub } from '../../../src/contracts/hubs.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { hubKeys, listHref, readCapacity } from './api.ts'
import { Late } from './hub-table.tsx'
import classes from './hubs.module.css'
import { LoadBar } from './load-bar.tsx'
import { openStages } from './load.ts'

const refreshMs = 30_000

/** What fills the places now, by stage; the figures are live, each opens its list. */
export function QueuesPanel({ hub, board }: { hub: Hub; board: UseQueryResult<HubBoard> }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const capacity = useQuery({
    queryKey: hubKeys.capacity(hub.id),
    queryFn: ({ signal }) => readCapacity(hub.id, signal),
    refetchInterval: refreshMs,
  })
  return (
    <Panel title={t('now')}>
      <DataRegion query={board} skeleton={<Skeleton height={220} radius="md" />}>
        {({ hubs }) => {
          const now = hubs.find(({ id }) => id === hub.id)
          const used = now?.used ?? hub.usedCapacity
          const limit = now?.capacity ?? hub.capacity
          return (
            <div className={classes.page}>
              <LoadBar used={used} capacity={limit} />
              <Facts
                items={[
                  [t('free'), formatNumber(language, limit - used)],
                  [
                    t('waitDays'),
                    capacity.data === undefined
                      ? null
                      : t('days', { count: formatNumber(language, capacity.data.waitDays, 1) }),
                  ],
                ]}
              />
              {now === undefined || used === 0 ? <p className={classes.soft}>{t('noQueue')}</p> : <Queues hub={now} />}
            </div>
          )
        }}
      </DataRegion>
    </Panel>
  )
}

function Queues({ hub }: { hub: BoardHub }) {
  const t = useTranslations('hubs')
  const stages = useTranslations('stage')
  const { language } = useLanguage()
  return (
    <table className={classes.table} aria-label={t('queues')}>
      <thead>
        <tr>
          <th scope="col">{t('stage')}</th>
          <th scope="col" className={classes.figure}>
            {t('units')}
          </th>
          <th scope="col" className={classes.figure}>
            {t('late')}
          </th>
        </tr>
      </thead>
      <tbody>
        {openStages.map((stage) => {
          const count = formatNumber(language, hub.byStage[stage] ?? 0)
          return (
            <tr key={stage}>
              <th scope="row">{stages(stage)}</th>
              <td className={`num ${classes.figure}`}>
                <Link
                  href={listHref(hub.id, stage)}
                  className={classes.open}
                  aria-label={t('openList', { stage: stages(stage), count })}
                >
                  {count}
                </Link>
              </td>
              <td className={classes.figure}>
                <Late count={hub.overdueByStage[stage] ?? 0} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
