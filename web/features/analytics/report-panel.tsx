'use client'
import { Button, Progress, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { FileDown } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { type reportFormats, reportKinds } from '../../../src/contracts/report-kinds.ts'
import type { Job } from '../../../src/contracts/jobs.ts'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useCommand } from '../../lib/use-command.ts'
import classes from './analytics.module.css'
import { analyticsKeys, readJob } from './api.ts'
import { periodOf, type View } from './view.ts'

type Kind = (typeof reportKinds)[number]
type Format = (typeof reportFormats)[number]
/** Programs take JSON by the API. */
const offered = ['csv', 'pdf'] as const satisfies readonly Format[]

type Props = { readonly view: Pick<View, 'days' | 'hub'>; readonly nowMs: number | null; readonly first?: Kind }

/** Rows of the period as a file: a job writes it, its progress is shown, the file is fetched when it is there. */
export function ReportPanel({ view, nowMs, first = 'returns' }: Props) {
  const t = useTranslations('analytics')
  const [kind, setKind] = useState<Kind>(first)
  const [format, setFormat] = useState<Format>('csv')
  const command = useCommand<Job>([])
  const id = command.data?.id
  const job = useQuery({
    queryKey: analyticsKeys.job(id ?? ''),
    queryFn: ({ signal }) => readJob(id!, signal),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data) ? 700 : false),
  })
  const ask = () =>
    command.mutate({
      method: 'POST',
      path: '/api/analytics/reports',
      body: {
        kind,
        format,
        ...periodOf(view.days, nowMs ?? Date.now()),
        filters: view.hub === null ? {} : { hubId: view.hub },
      },
    })
  const fileId = job.data?.result?.['fileId']
  return (
    <Panel title={t('reports')}>
      <div className={classes.choices}>
        <Select
          label={t('reportKind')}
          value={kind}
          allowDeselect={false}
          data={reportKinds.map((value) => ({ value, label: t(`report.${value}`) }))}
          onChange={(value) => setKind(reportKinds.find((one) => one === value) ?? first)}
        />
        <Select
          label={t('reportFormat')}
          value={format}
          allowDeselect={false}
          data={offered.map((value) => ({ value, label: t(`format.${value}`) }))}
          onChange={(value) => setFormat(offered.find((one) => one === value) ?? 'csv')}
        />
        <Button
          leftSection={<FileDown size={18} aria-hidden />}
          loading={command.isPending || (job.data !== undefined && isOpen(job.data))}
          onClick={ask}
        >
          {t('write')}
        </Button>
      </div>
      {command.isError ? <ProblemNote error={command.error} /> : null}
      {job.data === undefined ? null : (
        <div role="status">
          {isOpen(job.data) ? (
            <Progress value={shareOf(job.data)} aria-label={t('writing')} animated />
          ) : job.data.state === 'done' && typeof fileId === 'string' ? (
            <a href={`/api/files/${fileId}`} download>
              {t('fetch')}
            </a>
          ) : (
            <span>{job.data.error === null ? t('failed') : t('failedWhy', { why: job.data.error })}</span>
          )}
        </div>
      )}
    </Panel>
  )
}

const isOpen = ({ state }: Job) => state !== 'done' && state !== 'failed' && state !== 'cancelled'
const shareOf = ({ done, total }: Job) => (total === null || total === 0 ? 5 : (100 * done) / total)
