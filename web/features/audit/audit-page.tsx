'use client'
import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { auditKeys, noFilter, readAuditPage, type AuditFilter } from './api.ts'
import { AuditFilters } from './audit-filters.tsx'
import { AuditRow } from './audit-row.tsx'
import classes from './audit.module.css'
import { ChainPanel } from './chain-panel.tsx'

/** The log as an audit trail: who did what to what, from where, and that nobody changed it. */
export function AuditPage() {
  const t = useTranslations('auditLog')
  const me = useMe()
  const [filter, setFilter] = useState<AuditFilter>(noFilter)
  const isReader = me.data !== undefined && may(me.data, 'audit:read')
  const pages = useInfiniteQuery({
    queryKey: auditKeys.list(filter),
    queryFn: ({ pageParam, signal }) => readAuditPage(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ page }) => page.nextCursor,
    enabled: isReader,
  })
  if (me.data === undefined) return null
  if (!isReader) return <Forbidden permission="audit:read" />
  const records = pages.data?.pages.flatMap(({ data }) => data)
  return (
    <div className={classes.page}>
      <PageHead title={t('title')} subtitle={t('subtitle')} />
      <ChainPanel />
      <Panel title={t('records')}>
        <AuditFilters key={JSON.stringify(filter)} filter={filter} onChange={setFilter} />
        {pages.isError ? <ProblemNote error={pages.error} onRetry={() => void pages.refetch()} /> : null}
        {records === undefined && !pages.isError ? <Skeleton height={320} radius="md" /> : null}
        {records?.length === 0 ? <p className={classes.soft}>{t('none')}</p> : null}
        <ol className={classes.list}>
          {records?.map((record) => (
            <AuditRow key={record.seq} record={record} onFilter={(change) => setFilter({ ...filter, ...change })} />
          ))}
        </ol>
        {pages.hasNextPage ? (
          <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t('older')}
          </Button>
        ) : null}
      </Panel>
    </div>
  )
}
