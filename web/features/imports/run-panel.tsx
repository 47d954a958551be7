'use client'
import { Button, Group, Progress } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useCommand } from '../../lib/use-command.ts'
import { handIn, importKeys, isOpen, readImport, type Handing } from './api.ts'
import { ImportResult } from './import-result.tsx'
import classes from './imports.module.css'

type Props = {
  /** Null after a reload: the job goes on, but the browser no longer has the file. */
  readonly handing: Omit<Handing, 'isDryRun'> | null
  readonly jobId: string | null
  readonly onJob: (id: string) => void
}

const pollMs = 700

/** Tried without writing, then taken in; either is a job whose progress and report are shown. */
export function RunPanel({ handing, jobId, onJob }: Props) {
  const t = useTranslations('imports')
  const start = useMutation({
    mutationFn: (isDryRun: boolean) => handIn({ ...handing!, isDryRun }),
    onSuccess: ({ id }) => onJob(id),
  })
  const cancel = useCommand<unknown>([importKeys.job(jobId ?? '')])
  const job = useQuery({
    queryKey: importKeys.job(jobId ?? ''),
    queryFn: ({ signal }) => readImport(jobId!, signal),
    enabled: jobId !== null,
    refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data) ? pollMs : false),
  })
  const { data } = job
  const isAtWork = start.isPending || (data !== undefined && isOpen(data))
  const isTried = data !== undefined && data.state === 'done' && data.isDryRun && (data.report?.counts.rows ?? 0) > 0
  const isTaken = data !== undefined && data.state === 'done' && !data.isDryRun
  const wasCut = data !== undefined && !data.isDryRun && (data.state === 'cancelled' || data.state === 'failed')
  return (
    <Panel title={t('step3')}>
      <div className={classes.page}>
        <p className={classes.soft}>{handing === null ? t('fileGone') : t('tryFirst')}</p>
        {handing === null || isTaken ? null : (
          <Group>
            <Button
              variant={isTried ? 'default' : 'filled'}
              disabled={isAtWork}
              loading={start.isPending && start.variables}
              onClick={() => start.mutate(true)}
            >
              {t('try')}
            </Button>
            <Button
              variant={isTried ? 'filled' : 'default'}
              disabled={isAtWork || !(isTried || wasCut)}
              loading={start.isPending && !start.variables}
              onClick={() => start.mutate(false)}
            >
              {wasCut ? t('goOn') : t('takeIn')}
            </Button>
          </Group>
        )}
        {start.isError ? <ProblemNote error={start.error} /> : null}
        {job.isError ? <ProblemNote error={job.error} onRetry={() => void job.refetch()} /> : null}
        {data !== undefined && isOpen(data) ? (
          <div className={classes.page} role="status">
            <span>{data.isDryRun ? t('trying', { file: data.fileName }) : t('taking', { file: data.fileName })}</span>
            <Progress value={shareOf(data)} aria-label={t('progress')} animated />
            <Group>
              <Button
                variant="default"
                loading={cancel.isPending}
                onClick={() => cancel.mutate({ method: 'POST', path: `/api/jobs/${data.id}/cancel` })}
              >
                {t('stop')}
              </Button>
            </Group>
          </div>
        ) : null}
        {cancel.isError ? <ProblemNote error={cancel.error} /> : null}
        {data === undefined || isOpen(data) ? null : <ImportResult job={data} />}
      </div>
    </Panel>
  )
}

function shareOf({ done, total }: { done: number; total: number | null }): number {
  return total === null || total === 0 ? 0 : Math.min(100, (done / total) * 100)
}
