'use client'
import { Button, Select, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Download, Table2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Trends } from '../../../src/contracts/analytics.ts'
import { Chart } from '../../components/chart.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { defaultTimeZone, formatDate } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { saveFile } from '../../lib/save-file.ts'
import classes from './analytics.module.css'
import { analyticsKeys, readTrends } from './api.ts'
import { AsOf } from './as-of.tsx'
import { csvOf } from './csv.ts'
import { formatFigure } from './figure-value.ts'
import { useKeyNames } from './key-names.ts'
import { queryOf, shownDimensions, shownIntervals, shownMeasures, type View } from './view.ts'

type Props = { readonly view: View; readonly nowMs: number | null; readonly onChange: (changes: Partial<View>) => void }

/** One measure over time, cut by one dimension, as picture and as table. */
export function TrendPanel({ view, nowMs, onChange }: Props) {
  const t = useTranslations('analytics')
  const asked = { measure: view.measure, interval: view.per, dimension: view.by }
  const query = nowMs === null ? '' : queryOf(view, nowMs, asked)
  const trends = useQuery({
    queryKey: analyticsKeys.trends(query),
    queryFn: ({ signal }) => readTrends(query, signal),
    placeholderData: (before) => before,
    enabled: nowMs !== null,
  })
  const choice = (name: 'measure' | 'by' | 'per', label: string, data: readonly { value: string; label: string }[]) => (
    <Select
      label={label}
      value={view[name]}
      allowDeselect={false}
      data={[...data]}
      onChange={(value) => value !== null && onChange({ [name]: value })}
    />
  )
  return (
    <Panel title={t('trend')}>
      <div className={classes.choices}>
        {choice(
          'measure',
          t('measureLabel'),
          shownMeasures.map((value) => ({ value, label: t(`measure.${value}`) })),
        )}
        {choice(
          'by',
          t('by'),
          shownDimensions.map((value) => ({ value, label: t(`dimension.${value}`) })),
        )}
        {choice(
          'per',
          t('per'),
          shownIntervals.map((value) => ({ value, label: t(`interval.${value}`) })),
        )}
      </div>
      <DataRegion
        query={trends}
        skeleton={<Skeleton height={360} radius="md" />}
        isEmpty={({ series }) => series.every(({ values }) => values.every((value) => value === null || value === 0))}
        empty={<p className={classes.soft}>{t('nothing')}</p>}
      >
        {(data) => <Drawn trends={data} />}
      </DataRegion>
    </Panel>
  )
}

const linesMax = 8

function Drawn({ trends }: { trends: Trends }) {
  const t = useTranslations('analytics')
  const { language } = useLanguage()
  const nameOf = useKeyNames(trends.dimension)
  const [isTable, setTable] = useState(false)
  const { unit, measure } = trends
  const title = t(`measure.${measure as 'returns'}`)
  const currency = trends.series.find((one) => one.currency !== null)?.currency ?? null
  const drawn = useMemo(() => {
    const rows = trends.series.map((one) => ({
      name: trends.dimension === 'none' ? title : nameOf(one.key),
      values: one.values,
      size: one.values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0),
    }))
    return {
      series: rows.toSorted((a, b) => b.size - a.size).slice(0, linesMax),
      buckets: trends.buckets.map((day) => formatDate(language, day, defaultTimeZone)),
      format: (value: number) => formatFigure(language, unit, value, currency),
    }
  }, [trends, title, nameOf, language, unit, currency])
  const isCounted = unit === 'count' || unit === 'money'
  const save = () =>
    saveFile(
      `${measure}.csv`,
      csvOf([
        [t('from'), ...trends.series.map((one) => (trends.dimension === 'none' ? title : nameOf(one.key)))],
        ...trends.buckets.map((day, i) => [day, ...trends.series.map((one) => one.values[i] ?? null)]),
      ]),
      'text/csv',
    )
  return (
    <>
      {isTable ? (
        <TrendTable trends={trends} title={title} nameOf={nameOf} />
      ) : (
        <Chart
          label={t('pictureOf', { name: title })}
          kind={isCounted ? 'bar' : 'line'}
          isStacked={isCounted}
          buckets={drawn.buckets}
          series={drawn.series}
          axis={title}
          format={drawn.format}
          className={classes.chart}
        />
      )}
      <div className={classes.bar}>
        <Button
          variant="subtle"
          leftSection={<Table2 size={18} aria-hidden />}
          aria-pressed={isTable}
          onClick={() => setTable(!isTable)}
        >
          {t('asTable')}
        </Button>
        <Button variant="subtle" leftSection={<Download size={18} aria-hidden />} onClick={save}>
          CSV
        </Button>
        <AsOf at={trends.asOf} />
      </div>
    </>
  )
}

type TableProps = { readonly trends: Trends; readonly title: string; readonly nameOf: (key: string | null) => string }

function TrendTable({ trends, title, nameOf }: TableProps) {
  const t = useTranslations('analytics')
  const { language } = useLanguage()
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('tableOf', { name: title })}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('from')}</th>
            {trends.series.map((one) => (
              <th key={`${one.key} ${one.currency}`} scope="col">
                {trends.dimension === 'none' ? title : nameOf(one.key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trends.buckets.map((day, i) => (
            <tr key={day}>
              <th scope="row">{formatDate(language, day, defaultTimeZone)}</th>
              {trends.series.map((one) => {
                const value = one.values[i] ?? null
                return (
                  <td key={`${one.key} ${one.currency}`} className="num">
                    {value === null ? '–' : formatFigure(language, trends.unit, value, one.currency)}
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
