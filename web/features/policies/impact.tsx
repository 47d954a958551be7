'use client'
import { Button, Group, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Job } from '../../../src/contracts/jobs.ts'
import type { PolicyReplayReport } from '../../../src/contracts/policy-replay.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Facts } from '../../components/facts.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { formatAbout, formatCarbon, formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useCommand } from '../../lib/use-command.ts'
import { policyKeys, readJob } from './api.ts'
import classes from './policies.module.css'

const periods = ['7', '28', '90'] as const
const dayMs = 86_400_000
const pollMs = 700

/** What the change would have done to past returns: nothing is written. */
export function Impact({ patch }: { patch: Readonly<Record<string, unknown>> | null }) {
  const t = useTranslations('policies')
  const [days, setDays] = useState<string>('28')
  const [asked, setAsked] = useState<string | null>(null)
  const start = useCommand<Job>([])
  const id = start.data?.id ?? ''
  const job = useQuery({
    queryKey: policyKeys.job(id),
    queryFn: ({ signal }) => readJob(id, signal),
    enabled: id !== '',
    refetchInterval: ({ state }) => (state.data === undefined || isUnderWay(state.data) ? pollMs : false),
  })
  const isRunning = start.isPending || (id !== '' && (job.data === undefined || isUnderWay(job.data)))
  const report = (job.data?.result?.['report'] ?? null) as PolicyReplayReport | null
  const isOfThis = asked === JSON.stringify([patch, days])
  return (
    <section className={classes.impact} aria-label={t('impact')} aria-live="polite">
      <Group align="end" gap="sm">
        <Select
          label={t('period')}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          data={periods.map((value) => ({ value, label: t('lastDays', { days: value }) }))}
          value={days}
          onChange={(value) => setDays(value ?? '28')}
        />
        <Button
          variant="default"
          disabled={patch === null}
          loading={isRunning}
          onClick={() => {
            setAsked(JSON.stringify([patch, days]))
            start.mutate({
              method: 'POST',
              path: '/api/ai/policy-replay',
              body: { policy: patch, since: new Date(Date.now() - Number(days) * dayMs).toISOString() },
            })
          }}
        >
          {t('try')}
        </Button>
      </Group>
      {start.isError ? <ProblemNote error={start.error} /> : null}
      {job.data?.state === 'failed' ? <p role="alert">{t('tryFailed', { why: job.data.error ?? '' })}</p> : null}
      {report !== null && isOfThis ? <Report report={report} /> : null}
    </section>
  )
}

const isUnderWay = ({ state }: Job) => state === 'queued' || state === 'running'

function Report({ report }: { report: PolicyReplayReport }) {
  const t = useTranslations('policies')
  const disposition = useTranslations('disposition')
  const { language } = useLanguage()
  const rupees = (amount: number) => formatAbout(language, { amount, currency: 'INR' }, true)
  const { units, moved, value, carbonGrams, reviews } = report
  if (units === 0) return <p>{t('noUnits')}</p>
  const { mean, low, high } = value.differenceMinor
  return (
    <>
      <p className={classes.headline}>
        {t('moved', {
          moved: formatNumber(language, moved),
          units: formatNumber(language, units),
          share: formatShare(language, moved / units),
        })}
      </p>
      <Facts
        items={[
          [t('valueDifference'), t('range', { value: rupees(mean), low: rupees(low), high: rupees(high) })],
          [t('fromMoves'), rupees(value.fromMovesMinor)],
          [t('carbon'), formatCarbon(language, carbonGrams.difference)],
          [
            t('reviews'),
            t('reviewsMore', {
              added: formatNumber(language, reviews.added),
              dropped: formatNumber(language, reviews.dropped),
            }),
          ],
        ]}
      />
      {report.moves.length === 0 ? null : (
        <DataTable
          label={t('moves')}
          columns={[
            { name: t('from') },
            { name: t('to') },
            { name: t('unitCount'), isFigure: true },
            { name: t('valueDifference'), isFigure: true },
          ]}
          rows={report.moves.map((move) => ({
            id: `${move.from} ${move.to}`,
            cells: [
              disposition(move.from),
              disposition(move.to),
              formatNumber(language, move.units),
              rupees(move.valueMinor),
            ],
          }))}
        />
      )}
    </>
  )
}
