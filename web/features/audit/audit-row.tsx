'use client'
import { Button, Group, Skeleton } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { BadgeCheck, Clock3, Download } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { AuditDetail, AuditRecord } from '../../../src/contracts/audit.ts'
import { Instant } from '../../components/amounts.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { defaultTimeZone } from '../../lib/format.ts'
import { saveFile } from '../../lib/save-file.ts'
import { auditKeys, exportReturn, readAuditRecord, type AuditFilter } from './api.ts'
import classes from './audit.module.css'

type Props = { readonly record: AuditRecord; readonly onFilter: (change: Partial<AuditFilter>) => void }

/** One record: its line, and folded behind it what it changed and whether it is proven. */
export function AuditRow({ record, onFilter }: Props) {
  const t = useTranslations('auditLog')
  const who = record.byName ?? record.by ?? t('nobody')
  return (
    <li>
      <div className={classes.top}>
        <span className={classes.type}>{record.type}</span>
        <span className={classes.soft}>{t('number', { seq: record.seq })}</span>
        <Instant at={record.at} timeZone={defaultTimeZone} />
      </div>
      <div className={classes.facts}>
        <span>{t('by', { who: who === '' ? t('nobody') : who })}</span>
        {record.from === null ? null : <span>{t('from', { from: record.from })}</span>}
        <span className="code">{record.stream}</span>
      </div>
      <Disclosure label={t('more')}>
        <More record={record} onFilter={onFilter} />
      </Disclosure>
    </li>
  )
}

function More({ record, onFilter }: Props) {
  const t = useTranslations('auditLog')
  const detail = useQuery({
    queryKey: auditKeys.record(record.seq),
    queryFn: ({ signal }) => readAuditRecord(record.seq, signal),
  })
  const returnId = /^return-(.+)$/.exec(record.stream)?.[1]
  const download = useMutation({
    mutationFn: exportReturn,
    onSuccess: (file) => saveFile(`audit-${returnId}.json`, JSON.stringify(file, null, 1)),
  })
  return (
    <>
      <DataRegion query={detail} skeleton={<Skeleton height={120} radius="md" />}>
        {(found) => (
          <>
            <Changes detail={found} />
            <Mark detail={found} />
          </>
        )}
      </DataRegion>
      <p className={`${classes.soft} code`}>
        {record.requestId === null ? null : <span>{t('request', { id: record.requestId })} · </span>}
        {t('hash', { hash: record.hash.slice(0, 16) })}
      </p>
      <Group gap="xs">
        {record.by === null || record.by === '' ? null : (
          <Button size="xs" variant="default" onClick={() => onFilter({ by: record.by ?? '' })}>
            {t('onlyBy')}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => onFilter({ object: record.stream })}>
          {t('onlyObject')}
        </Button>
        {returnId === undefined ? null : (
          <Button
            size="xs"
            variant="default"
            leftSection={<Download size={16} aria-hidden />}
            loading={download.isPending}
            onClick={() => download.mutate(returnId)}
          >
            {t('export')}
          </Button>
        )}
      </Group>
      {download.isError ? <ProblemNote error={download.error} /> : null}
    </>
  )
}

const shown = (value: unknown) =>
  value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)

function Changes({ detail }: { detail: AuditDetail }) {
  const t = useTranslations('auditLog')
  if (detail.changes.length === 0) return <p className={classes.soft}>{t('noChange')}</p>
  return (
    <div className={classes.scroll} role="region" aria-label={t('changes')} tabIndex={0}>
      <table className={classes.changes}>
        <thead>
          <tr>
            <th scope="col">{t('field')}</th>
            <th scope="col">{t('before')}</th>
            <th scope="col">{t('after')}</th>
          </tr>
        </thead>
        <tbody>
          {detail.changes.map(({ field, before, after }) => (
            <tr key={field}>
              <th scope="row">{field}</th>
              <td>{shown(before)}</td>
              <td>{shown(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Whether the record stands under a signed checkpoint. */
function Mark({ detail }: { detail: AuditDetail }) {
  const t = useTranslations('auditLog')
  const { checkpoint, isProven } = detail
  if (checkpoint === null)
    return (
      <p className={classes.mark}>
        <Clock3 size={18} aria-hidden /> {t('notSigned')}
      </p>
    )
  return (
    <p className={`${classes.mark} ${isProven ? classes.good : classes.bad}`}>
      <BadgeCheck size={18} aria-hidden />
      <span>
        {isProven ? t('proven', { size: checkpoint.size }) : t('unproven', { size: checkpoint.size })}{' '}
        <Instant at={checkpoint.at} timeZone={defaultTimeZone} />
      </span>
    </p>
  )
}
