'use client'
import { Button, Progress, VisuallyHidden } from '@mantine/core'
import { CircleCheck, CircleOff, CircleX, Clock, LoaderCircle, type LucideIcon } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Job } from '../../../src/contracts/jobs.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Tag, type Tone } from '../../components/tag.tsx'
import { defaultTimeZone, formatInstant, formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useCommand } from '../../lib/use-command.ts'
import { isOpen, jobKeys } from './api.ts'
import classes from './jobs.module.css'
import { useKindName } from './kind-name.ts'

const looks: Readonly<Record<Job['state'], { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  queued: { tone: 'neutral', icon: Clock },
  running: { tone: 'info', icon: LoaderCircle },
  done: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleX },
  cancelled: { tone: 'neutral', icon: CircleOff },
}

export function JobRow({ job }: { job: Job }) {
  const t = useTranslations('jobs')
  const nameOf = useKindName()
  const { language } = useLanguage()
  const cancel = useCommand<Job>([jobKeys.all])
  const time = (instant: string) => formatInstant(language, instant, defaultTimeZone)
  const count = (value: number) => formatNumber(language, value)
  const name = nameOf(job.kind)
  const when = [
    t('asked', { time: time(job.createdAt) }),
    job.finishedAt === null ? null : t('ended', { time: time(job.finishedAt) }),
    job.total === null || job.total === 0
      ? job.done > 0
        ? t('doneSome', { done: count(job.done) })
        : null
      : t('doneOf', { done: count(job.done), total: count(job.total) }),
  ].filter((one) => one !== null)
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        <span className={classes.name}>{name}</span>
        <span className={classes.soft}>{when.join(' · ')}</span>
        {job.error === null ? null : <span className={classes.soft}>{job.error}</span>}
      </div>
      <Tag {...looks[job.state]}>{t(`state.${job.state}`)}</Tag>
      <div className={classes.acts}>
        <FileLink job={job} field="fileId" label={t('file')} name={name} />
        <FileLink job={job} field="errorsFileId" label={t('errorsFile')} name={name} />
        {isOpen(job) ? (
          <Button
            variant="default"
            loading={cancel.isPending}
            disabled={job.cancelRequested}
            onClick={() => cancel.mutate({ method: 'POST', path: `/api/jobs/${job.id}/cancel` })}
          >
            {job.cancelRequested ? t('ending') : t('cancel')}
            <VisuallyHidden> {name}</VisuallyHidden>
          </Button>
        ) : null}
      </div>
      {job.state === 'running' ? (
        <Progress className={classes.wide ?? ''} value={shareOf(job)} aria-label={t('progress', { name })} animated />
      ) : null}
      {cancel.isError ? <ProblemNote error={cancel.error} /> : null}
    </li>
  )
}

type LinkProps = { readonly job: Job; readonly field: string; readonly label: string; readonly name: string }

function FileLink({ job, field, label, name }: LinkProps) {
  const id = job.result?.[field]
  if (typeof id !== 'string') return null
  return (
    <a href={`/api/files/${id}`} download>
      {label}
      <VisuallyHidden> {name}</VisuallyHidden>
    </a>
  )
}

const shareOf = ({ done, total }: Job) => (total === null || total === 0 ? 5 : (100 * done) / total)
