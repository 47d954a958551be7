'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useQueryStates } from 'nuqs'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { useNow } from '../../lib/use-now.ts'
import classes from './analytics.module.css'
import { analyticsKeys, readDashboard } from './api.ts'
import { AsOf } from './as-of.tsx'
import { FigureTile } from './figure-tile.tsx'
import { AnalyticsMessages } from './messages.tsx'
import { OpenPanel } from './open-panel.tsx'
import { ReportPanel } from './report-panel.tsx'
import { TrendPanel } from './trend-panel.tsx'
import { ViewBar } from './view-bar.tsx'
import { queryOf, viewParsers } from './view.ts'

/** What came, what was done with it and what it brought, beside the like period before. */
export function AnalyticsPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'analytics:read')) return <Forbidden permission="analytics:read" />
  return (
    <AnalyticsMessages>
      <Analytics mayReport={may(me.data, 'reports:create')} />
    </AnalyticsMessages>
  )
}

function Analytics({ mayReport }: { mayReport: boolean }) {
  const t = useTranslations('analytics')
  const [view, setView] = useQueryStates(viewParsers, { history: 'push' })
  const nowMs = useNow()
  const query = nowMs === null ? '' : queryOf(view, nowMs)
  const dashboard = useQuery({
    queryKey: analyticsKeys.dashboard(query),
    queryFn: ({ signal }) => readDashboard(query, signal),
    placeholderData: (before) => before,
    refetchInterval: 60_000,
    enabled: nowMs !== null,
  })
  return (
    <div className={classes.page}>
      <PageHead title={t('title')} subtitle={t('subtitle')} />
      <ViewBar view={view} onChange={(changes) => void setView(changes)} />
      <DataRegion query={dashboard} skeleton={<Skeleton height={300} radius="md" />}>
        {(data) => (
          <>
            <ul className={classes.tiles} aria-label={t('figures')}>
              {data.kpis.map((figure) => (
                <FigureTile key={figure.id} figure={figure} />
              ))}
            </ul>
            <AsOf at={data.asOf} />
            <OpenPanel dashboard={data} />
          </>
        )}
      </DataRegion>
      <TrendPanel view={view} nowMs={nowMs} onChange={(changes) => void setView(changes)} />
      {mayReport ? <ReportPanel view={view} nowMs={nowMs} /> : null}
    </div>
  )
}
