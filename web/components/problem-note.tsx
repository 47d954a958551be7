'use client'
import { Button } from '@mantine/core'
import { CircleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ApiError } from '../lib/api.ts'
import classes from './problem-note.module.css'

type ProblemText = {
  readonly title: string
  readonly detail: string
  readonly requestId: string
  /** What is wrong with each field. */
  readonly faults: readonly string[]
}
const faultsMax = 6

/** Title in the reader's language by the error's kind; the server's own sentence and request id beneath it. */
export function useProblemText(): (error: unknown) => ProblemText {
  const t = useTranslations('problem')
  return (error) => {
    if (!(error instanceof ApiError)) return { title: t('unknown'), detail: String(error), requestId: '', faults: [] }
    const { problem, status } = error
    if (status === 0) return { title: t('unreachable'), detail: t('unreachableDetail'), requestId: '', faults: [] }
    return {
      title: t(kinds[status] ?? 'unknown'),
      detail: problem.detail,
      requestId: problem.requestId,
      faults: (problem.errors ?? []).slice(0, faultsMax).map((fault) => fault.detail),
    }
  }
}

const kinds: Readonly<Record<number, Parameters<ReturnType<typeof useTranslations<'problem'>>>[0]>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition_failed',
  413: 'too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  428: 'precondition_required',
  429: 'rate_limited',
  503: 'unavailable',
}

export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations('common')
  const { title, detail, requestId, faults } = useProblemText()(error)
  return (
    <div role="alert" className={`${classes.note} ${classes.bad}`}>
      <CircleAlert size={20} aria-hidden />
      <div className={classes.body} style={{ gridColumn: 2 }}>
        <span className={classes.title}>{title}</span>
        <p>{detail}</p>
        {faults.length < 2 && faults[0] === detail ? null : (
          <ul className={classes.faults}>
            {faults.map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        )}
        {requestId === '' ? null : (
          <span className={`${classes.request} code`}>{t('requestId', { id: requestId })}</span>
        )}
        {onRetry === undefined ? null : (
          <Button variant="default" mt={4} onClick={onRetry}>
            {t('retry')}
          </Button>
        )}
      </div>
    </div>
  )
}
