'use client'
import { Button } from '@mantine/core'
import { CircleCheck } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { Unassigned } from '../../../src/contracts/hub-board.ts'
import type { ReturnChanged } from '../../../src/contracts/returns.ts'
import { Instant } from '../../components/amounts.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { defaultTimeZone, formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useReviewWords } from '../../lib/review-words.ts'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { hubKeys } from './api.ts'
import classes from './hubs.module.css'

type Props = { readonly unassigned: Unassigned; readonly mayAssign: boolean }

/** Open units that no hub has a place for, with the reason, and the way to look for a place again. */
export function UnassignedPanel({ unassigned, mayAssign }: Props) {
  const t = useTranslations('hubs')
  const tell = useTell()
  const { language } = useLanguage()
  const reasonWords = useReviewWords()
  const assign = useCommand<ReturnChanged>([hubKeys.board])
  const { count, units } = unassigned
  const find = async (wanted: readonly Unassigned['units'][number][]) => {
    let assigned = 0
    for (const { id, version } of wanted) {
      const write = { method: 'POST', path: '/api/hubs/assign', body: { returnId: id }, ifVersion: version } as const
      // One after the other: each takes a place that the next must not count on.
      // oxlint-disable-next-line no-await-in-loop
      const done = await assign.mutateAsync(write).catch(() => null)
      if (done === null) break
      if (done.hubId !== null) assigned += 1
    }
    tell.done(t('assignDone', { assigned, asked: wanted.length }))
  }
  return (
    <Panel title={t('unassigned')} aside={count === 0 ? undefined : formatNumber(language, count)}>
      {assign.isError ? <ProblemNote error={assign.error} /> : null}
      {count === 0 ? (
        <p className={classes.calm}>
          <CircleCheck size={18} aria-hidden />
          {t('noUnassigned')}
        </p>
      ) : (
        <>
          <ul className={`${classes.list} ${classes.units}`} tabIndex={0} aria-label={t('unassigned')}>
            {units.map((unit) => (
              <li key={unit.id} className={classes.unit}>
                <div>
                  <Link href={`/returns/${unit.id}`} className={classes.link}>
                    {unit.title}
                  </Link>
                  <span className={classes.soft}>
                    <span className="code">{unit.lpn}</span> · {unit.pickupPincode ?? t('noPincode')} ·{' '}
                    <Instant at={unit.since} timeZone={defaultTimeZone} />
                  </span>
                  <span className={classes.soft}>{unit.reviewReasons.map(reasonWords).join(' · ')}</span>
                </div>
                {mayAssign ? (
                  <Button
                    variant="default"
                    aria-label={t('assignOne', { lpn: unit.lpn })}
                    disabled={assign.isPending}
                    onClick={() => void find([unit])}
                  >
                    {t('assign')}
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
          {units.length < count ? (
            <p className={classes.soft}>
              {t('shownOf', { shown: units.length, count: formatNumber(language, count) })}
            </p>
          ) : null}
          {mayAssign && units.length > 1 ? (
            <Button mt="sm" variant="light" loading={assign.isPending} onClick={() => void find(units)}>
              {t('assignAll')}
            </Button>
          ) : null}
        </>
      )}
    </Panel>
  )
}
