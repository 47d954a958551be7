'use client'
import { Button, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Job } from '../../../src/contracts/jobs.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { isOpen, jobKeys, readJobs } from './api.ts'
import { DeadLetters } from './dead-letters.tsx'
import { JobRow } from './job-row.tsx'
import classes from './jobs.module.css'
import { JobMessages } from './messages.tsx'

const every = 'all'
const states = ['queued', 'running', 'done', 'failed', 'cancelled'] as const satisfies readonly Job['state'][]

/** Work that outlives its request: how far it is, its files, and what failed for good. */
export function JobsPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'jobs:read')) return <Forbidden permission="jobs:read" />
  return (
    <JobMessages>
      <Jobs isManager={may(me.data, 'jobs:manage')} />
    </JobMessages>
  )
}

function Jobs({ isManager }: { isManager: boolean }) {
  const t = useTranslations('jobs')
  const [state, setState] = useState<string>(every)
  const asked = state === every ? null : state
  const jobs = useInfiniteQuery({
    queryKey: jobKeys.list(asked),
    queryFn: ({ pageParam, signal }) => readJobs(asked, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ page }) => page.nextCursor,
    select: ({ pages }) => pages.flatMap(({ data }) => data),
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.data.some(isOpen)) === true ? 1500 : 15_000,
  })
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')} />
      <Stack gap="lg">
        <Panel title={t('list')}>
          <div className={classes.states}>
            <SegmentedControl
              aria-label={t('stateLabel')}
              value={state}
              onChange={setState}
              data={[
                { value: every, label: t('everyState') },
                ...states.map((value) => ({ value, label: t(`state.${value}`) })),
              ]}
            />
          </div>
          <DataRegion
            query={jobs}
            skeleton={<Skeleton height={160} />}
            isEmpty={(rows) => rows.length === 0}
            empty={<Text c="dimmed">{asked === null ? t('none') : t('noneSuch')}</Text>}
          >
            {(rows) => (
              <>
                <ul className={classes.list}>
                  {rows.map((job) => (
                    <JobRow key={job.id} job={job} />
                  ))}
                </ul>
                {jobs.hasNextPage ? (
                  <Button variant="default" loading={jobs.isFetchingNextPage} onClick={() => void jobs.fetchNextPage()}>
                    {t('older')}
                  </Button>
                ) : null}
              </>
            )}
          </DataRegion>
        </Panel>
        {isManager ? <DeadLetters /> : null}
      </Stack>
    </>
  )
}
