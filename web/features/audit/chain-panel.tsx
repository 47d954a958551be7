'use client'
import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Instant } from '../../components/amounts.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { defaultTimeZone, formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { auditKeys, readCheckpoints, verifyLog } from './api.ts'
import classes from './audit.module.css'

const everyMs = 30_000

/** How far the log is signed, and the check of all of it. */
export function ChainPanel() {
  const t = useTranslations('auditLog')
  const { language } = useLanguage()
  const state = useQuery({
    queryKey: auditKeys.checkpoints,
    queryFn: ({ signal }) => readCheckpoints(signal),
    refetchInterval: everyMs,
  })
  const verify = useMutation({ mutationFn: verifyLog })
  const report = verify.data
  return (
    <Panel title={t('chain')}>
      <DataRegion query={state} skeleton={<Skeleton height={60} radius="md" />}>
        {({ records, newest, publicKey }) => (
          <>
            <p className={classes.line}>
              {newest === null ? (
                t('unsigned', { records: formatNumber(language, records) })
              ) : (
                <>
                  {t('signed', { records: formatNumber(language, records), size: formatNumber(language, newest.size) })}{' '}
                  <Instant at={newest.at} timeZone={defaultTimeZone} />
                </>
              )}
            </p>
            <p className={`${classes.soft} code`}>{t('key', { key: publicKey })}</p>
          </>
        )}
      </DataRegion>
      <Button
        variant="default"
        leftSection={<ShieldCheck size={18} aria-hidden />}
        loading={verify.isPending}
        onClick={() => verify.mutate()}
      >
        {t('verify')}
      </Button>
      {report === undefined ? null : (
        <p role="status" className={`${classes.mark} ${report.isIntact ? classes.good : classes.bad}`}>
          {report.firstBad === null
            ? t('intact', {
                checked: formatNumber(language, report.checked),
                copied: formatNumber(language, report.copied),
              })
            : t('broken', { seq: report.firstBad.seq, problem: report.firstBad.problem })}
        </p>
      )}
      {verify.isError ? <ProblemNote error={verify.error} /> : null}
    </Panel>
  )
}
