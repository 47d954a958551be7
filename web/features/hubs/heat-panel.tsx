'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { HubOccupancy } from '../../../src/contracts/hub-board.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatDayMonth, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { hubKeys, readOccupancy } from './api.ts'
import classes from './hubs.module.css'
import { LevelLegend } from './load-bar.tsx'
import { levelOf, shareOf } from './load.ts'

const shownDays = 14
const refreshMs = 60_000

/** Rows are hubs, columns days: where it gets tight, and since when. */
export function HeatPanel() {
  const t = useTranslations('hubs')
  const occupancy = useQuery({
    queryKey: hubKeys.occupancy(null, shownDays),
    queryFn: ({ signal }) => readOccupancy(null, shownDays, signal),
    refetchInterval: refreshMs,
  })
  return (
    <Panel title={t('heat')}>
      <DataRegion query={occupancy} skeleton={<Skeleton height={200} radius="md" />}>
        {(data) => <Heat occupancy={data} />}
      </DataRegion>
      <div className={classes.foot}>
        <LevelLegend />
        <p className={classes.soft}>{t('heatNote')}</p>
      </div>
    </Panel>
  )
}

function Heat({ occupancy: { hubs } }: { occupancy: HubOccupancy }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const dates = hubs[0]?.days.map(({ date }) => date) ?? []
  const label = t('heatLabel', { count: dates.length })
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.heat}>
        <thead>
          <tr>
            <th scope="col">{t('hub')}</th>
            {dates.map((date) => (
              <th key={date} scope="col" className="num">
                {formatDayMonth(language, date)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hubs.map(({ hubId, code, capacity, days }) => (
            <tr key={hubId}>
              <th scope="row">
                <Link href={`/hubs/${hubId}`} className={classes.link}>
                  {code}
                </Link>
              </th>
              {days.map(({ date, used }) => {
                const share = shareOf({ used, capacity })
                return (
                  <td key={date} className={`num ${classes[levelOf(share)]}`}>
                    {formatShare(language, share)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
