'use client'
import { useQuery } from '@tanstack/react-query'
import { FileDown } from 'lucide-react'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'use-intl'
import type { ImportCounts } from '../../../src/contracts/imports.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { importKeys, readRefused, type ImportJob } from './api.ts'
import classes from './imports.module.css'

const shown = [
  'rows',
  'units',
  'accepted',
  'needsReview',
  'rejected',
  'repeated',
  'orderLines',
  'products',
  'skipped',
  'refused',
] as const satisfies readonly (keyof ImportCounts)[]
/** Said even when they are nought. */
const always: readonly string[] = ['rows', 'refused']

/** What a run came to: the counts, the notes, and each refused row with its reason. */
export function ImportResult({ job }: { job: ImportJob }) {
  const t = useTranslations('imports')
  const format = useFormatter()
  const { report, state, isDryRun, error, errorsFileId } = job
  return (
    <div className={classes.page}>
      <p role="status" className={classes.verdict} data-state={state}>
        {state === 'done'
          ? report?.state === 'already_imported'
            ? t('already')
            : isDryRun
              ? t('tried', { file: job.fileName })
              : t('taken', { file: job.fileName })
          : state === 'cancelled'
            ? t('stopped')
            : t('failed', { reason: error ?? '' })}
      </p>
      {report === null ? null : (
        <dl className={classes.counts}>
          {shown
            .filter((name) => always.includes(name) || report.counts[name] > 0)
            .map((name) => (
              <div key={name}>
                <dt>{t(`count.${name}`)}</dt>
                <dd data-testid={`count-${name}`}>{format.number(report.counts[name])}</dd>
              </div>
            ))}
        </dl>
      )}
      {report === null || report.notes.length === 0 ? null : (
        <ul className={classes.notes}>
          {report.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {errorsFileId === null ? null : <Refused fileId={errorsFileId} />}
      {state === 'done' && !isDryRun ? <Link href="/returns">{t('toReturns')}</Link> : null}
    </div>
  )
}

function Refused({ fileId }: { fileId: string }) {
  const t = useTranslations('imports')
  const rows = useQuery({
    queryKey: importKeys.errors(fileId),
    queryFn: ({ signal }) => readRefused(fileId, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <>
      {rows.isError ? <ProblemNote error={rows.error} onRetry={() => void rows.refetch()} /> : null}
      {rows.data === undefined ? null : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, which needs the keyboard.
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('refusedRows')}>
          <table className={classes.table}>
            <caption className={classes.soft}>{t('refusedRows')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('line')}</th>
                <th scope="col">{t('column')}</th>
                <th scope="col">{t('reason')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.data.map(({ line, column, reason }) => (
                <tr key={`${line} ${column} ${reason}`}>
                  <td>{line}</td>
                  <td>{column}</td>
                  <td className={classes.wide}>{reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <a className={classes.link} href={`/api/files/${fileId}`} download>
        <FileDown size={18} aria-hidden /> {t('allRefused')}
      </a>
    </>
  )
}
