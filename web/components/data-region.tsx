'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import { CloudOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { defaultTimeZone, formatTime } from '../lib/format.ts'
import { useLanguage } from '../lib/i18n.tsx'
import { ProblemNote } from './problem-note.tsx'
import classes from './problem-note.module.css'

type Props<T> = {
  readonly query: UseQueryResult<T>
  readonly skeleton: ReactNode
  readonly isEmpty?: (data: T) => boolean
  readonly empty?: ReactNode
  readonly children: (data: T) => ReactNode
}

/** The four states of every region: skeleton on the first load, error, empty, and data that may be stale. */
export function DataRegion<T>({ query, skeleton, isEmpty, empty, children }: Props<T>) {
  const t = useTranslations('common')
  const { language } = useLanguage()
  if (query.data === undefined) {
    if (query.isError) return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
    return (
      <div aria-busy="true" aria-live="polite" aria-label={t('loading')} role="status">
        {skeleton}
      </div>
    )
  }
  const readAt = new Date(query.dataUpdatedAt).toISOString()
  return (
    <>
      {query.isError || query.fetchStatus === 'paused' ? (
        <div role="status" className={`${classes.note} ${classes.warn}`} style={{ marginBottom: 12 }}>
          <CloudOff size={20} aria-hidden />
          <span>{t('stale', { time: formatTime(language, readAt, defaultTimeZone) })}</span>
        </div>
      ) : null}
      {isEmpty?.(query.data) === true ? empty : children(query.data)}
    </>
  )
}
