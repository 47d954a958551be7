'use client'
import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Table2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { HubOccupancy } from '../../../src/contracts/hub-board.ts'
import { Chart } from '../../components/chart.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatDayMonth, formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { hubKeys, readOccupancy } from './api.ts'
import classes from './hubs.module.css'

const shownDays = 28
const refreshMs = 60_000
type OfHub = HubOccupancy['hubs'][number]

/** Places taken by day beside the limit, as picture and as table. */
export function OccupancyPanel({ hubId }: { hubId: string }) {
  const t = useTranslations('hubs')
  const occupancy = useQuery({
    queryKey: hubKeys.occupancy(hubId, shownDays),
    queryFn: ({ signal }) => readOccupancy(hubId, shownDays, signal),
    refetchInterval: refreshMs,
  })
  return (
    <Panel title={t('occupancy')}>
      <DataRegion
        query={occupancy}
        skeleton={<Skeleton height={280} radius="md" />}
        isEmpty={({ hubs }) => hubs.length === 0}
        empty={<p className={classes.soft}>{t('noQueue')}</p>}
      >
        {({ hubs }) => <Drawn hub={hubs[0]!} />}
      </DataRegion>
    </Panel>
  )
}

function Drawn({ hub }: { hub: OfHub }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const [isTable, setTable] = useState(false)
  const drawn = useMemo(
    () => ({
      buckets: hub.days.map(({ date }) => formatDayMonth(language, date)),
      series: [
        { name: t('taken'), values: hub.days.map(({ used }) => used) },
        { name: t('limit'), values: hub.days.map(() => hub.capacity) },
      ],
      format: (value: number) => formatNumber(language, value),
    }),
    [hub, language, t],
  )
  return (
    <>
      {isTable ? (
        <DayTable hub={hub} />
      ) : (
        <Chart
          label={t('occupancyLabel', { count: hub.days.length })}
          kind="line"
          buckets={drawn.buckets}
          series={drawn.series}
          axis={t('taken')}
          format={drawn.format}
          className={classes.chart}
        />
      )}
      <div className={classes.foot}>
        <Button
          variant="subtle"
          leftSection={<Table2 size={18} aria-hidden />}
          aria-pressed={isTable}
          onClick={() => setTable(!isTable)}
        >
          {t('asTable')}
        </Button>
        <p className={classes.soft}>{t('heatNote')}</p>
      </div>
    </>
  )
}

const columns = ['taken', 'came', 'received', 'left'] as const

function DayTable({ hub: { days } }: { hub: OfHub }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  return (
    <div
      className={`${classes.scroll} ${classes.moves}`}
      tabIndex={0}
      role="region"
      aria-label={t('occupancyLabel', { count: days.length })}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('day')}</th>
            {columns.map((name) => (
              <th key={name} scope="col" className={classes.figure}>
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ date, used, entered, received, left }) => (
            <tr key={date}>
              <th scope="row">{formatDayMonth(language, date)}</th>
              {Object.entries({ used, entered, received, left }).map(([name, count]) => (
                <td key={name} className={`num ${classes.figure}`}>
                  {formatNumber(language, count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
