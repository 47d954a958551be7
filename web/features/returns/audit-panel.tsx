'use client'
import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Download, ShieldCheck } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { AuditRecord, AuditReport } from '../../../src/contracts/audit.ts'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Instant } from '../../components/amounts.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { may } from '../../lib/permissions.ts'
import { useTimeZone } from '../../lib/places.ts'
import { useMe } from '../../lib/session.ts'
import { saveFile } from '../../lib/save-file.ts'
import { exportAudit, keys, readAudit, verifyAudit } from './api.ts'
import classes from './audit-panel.module.css'

/** The log behind the timeline, for who may read it: its place, its hashes, and the proof that nobody changed it. */
export function AuditPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('audit')
  const me = useMe()
  const isReader = me.data !== undefined && may(me.data, 'audit:read')
  const records = useQuery({
    queryKey: [...keys.audit(unit.id), unit.version],
    queryFn: ({ signal }) => readAudit(unit.id, signal),
    placeholderData: (before) => before,
    enabled: isReader,
  })
  if (!isReader) return null
  return (
    <Panel title={t('title')}>
      <DataRegion
        query={records}
        skeleton={<Skeleton height={96} radius="md" />}
        isEmpty={(all) => all.length === 0}
        empty={<p className={classes.soft}>{t('none')}</p>}
      >
        {(all) => <Records unit={unit} records={all} />}
      </DataRegion>
    </Panel>
  )
}

function Records({ unit, records }: { unit: ReturnDetail; records: readonly AuditRecord[] }) {
  const t = useTranslations('audit')
  const { language } = useLanguage()
  const timeZone = useTimeZone(unit.hubId)
  const verify = useMutation({ mutationFn: verifyAudit })
  const download = useMutation({
    mutationFn: () => exportAudit(unit.id),
    onSuccess: (file) => saveFile(`audit-${unit.lpn}.json`, JSON.stringify(file, null, 1)),
  })
  return (
    <>
      <p className={classes.soft}>
        {t('span', {
          count: records.length,
          first: formatNumber(language, records[0]?.seq ?? 0),
          last: formatNumber(language, records.at(-1)?.seq ?? 0),
        })}
      </p>
      <div className={classes.actions}>
        <Button
          variant="default"
          leftSection={<ShieldCheck size={18} />}
          loading={verify.isPending}
          onClick={() => verify.mutate()}
        >
          {t('verify')}
        </Button>
        <Button
          variant="default"
          leftSection={<Download size={18} />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          {t('export')}
        </Button>
      </div>
      {verify.data === undefined ? null : <Verdict report={verify.data} />}
      {verify.isError ? <ProblemNote error={verify.error} /> : null}
      {download.isError ? <ProblemNote error={download.error} /> : null}
      <Disclosure label={t('records')}>
        <ol className={classes.records}>
          {records.map((record) => (
            <li key={record.seq}>
              <span className={classes.top}>
                <span>
                  {record.seq} · {record.type}
                </span>
                <Instant at={record.at} timeZone={timeZone} />
              </span>
              <span className={`${classes.soft} code`} title={record.hash}>
                {t('hash', { hash: record.hash.slice(0, 16) })}
              </span>
            </li>
          ))}
        </ol>
      </Disclosure>
    </>
  )
}

function Verdict({ report }: { report: AuditReport }) {
  const t = useTranslations('audit')
  const { language } = useLanguage()
  return (
    <p role="status" className={report.firstBad === null ? classes.good : classes.bad}>
      {report.firstBad === null
        ? t('intact', { count: formatNumber(language, report.checked) })
        : t('broken', { seq: report.firstBad.seq, problem: report.firstBad.problem })}
    </p>
  )
}
