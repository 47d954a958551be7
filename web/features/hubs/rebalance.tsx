'use client'
import { Button, Checkbox, Group, Skeleton, Stack, Text } from '@mantine/core'
import { ArrowRight, Check } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Rebalanced, RebalancePreview } from '../../../src/contracts/rebalance.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { formatDistance, formatMoney, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { hubKeys } from './api.ts'
import classes from './hubs.module.css'
import { LoadBar } from './load-bar.tsx'

/** A dry run, looked at, thinned out, and committed as a whole; one that is out of date is planned anew. */
export function Rebalance({ onDone }: { onDone: () => void }) {
  const t = useTranslations('hubs')
  const tell = useTell()
  const { language } = useLanguage()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const plan = useCommand<RebalancePreview>([])
  const commit = useCommand<Rebalanced>([hubKeys.all])
  const isAsked = useRef(false)
  const { mutate } = plan
  const ask = () => {
    setLeft(new Set())
    commit.reset()
    mutate({ method: 'POST', path: '/api/hubs/rebalance' })
  }
  useEffect(() => {
    if (isAsked.current) return
    isAsked.current = true
    mutate({ method: 'POST', path: '/api/hubs/rebalance' })
  }, [mutate])
  if (plan.isError) return <ProblemNote error={plan.error} onRetry={ask} />
  if (plan.data === undefined || plan.isPending)
    return (
      <div role="status" aria-label={t('planning')}>
        <Skeleton height={260} radius="md" />
      </div>
    )
  const { moves, currency, considered, loads } = plan.data
  if (moves.length === 0) return <Text py="xl">{t('noMoves', { count: considered })}</Text>
  const chosen = moves.filter(({ returnId }) => !left.has(returnId))
  const money = (amount: number) => formatMoney(language, { amount, currency })
  const save = () =>
    commit.mutate(
      {
        method: 'POST',
        path: '/api/hubs/rebalance/commit',
        body: {
          moves: chosen.map(({ returnId, version, fromHubId, toHubId }) => ({ returnId, version, fromHubId, toHubId })),
        },
      },
      {
        onSuccess: ({ moved, savingMinor }) => {
          tell.done(t('moved', { count: moved.length, money: money(savingMinor) }))
          onDone()
        },
      },
    )
  return (
    <Stack gap="md">
      <Text>{t('rebalanceText')}</Text>
      <Moves plan={plan.data} left={left} onChange={setLeft} />
      <Loads loads={loads} />
      {commit.isError ? <ProblemNote error={commit.error} /> : null}
      <Group justify="space-between">
        <Text fw={600} className="num" aria-live="polite">
          {t('chosen', {
            count: chosen.length,
            money: money(chosen.reduce((sum, move) => sum + move.savingMinor, 0)),
          })}
        </Text>
        <Group gap="sm">
          <Button variant="default" onClick={ask}>
            {t('planAgain')}
          </Button>
          <Button
            leftSection={<Check size={18} aria-hidden />}
            disabled={chosen.length === 0 || commit.isError}
            loading={commit.isPending}
            onClick={save}
          >
            {t('commit', { count: chosen.length })}
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}

type MovesProps = {
  readonly plan: RebalancePreview
  readonly left: ReadonlySet<string>
  readonly onChange: (left: ReadonlySet<string>) => void
}

function Moves({ plan: { moves, loads, currency }, left, onChange }: MovesProps) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const codes = new Map(loads.map(({ hubId, code }) => [hubId, code]))
  const toggle = (id: string) => {
    const next = new Set(left)
    if (!next.delete(id)) next.add(id)
    onChange(next)
  }
  return (
    <div className={`${classes.scroll} ${classes.moves}`} tabIndex={0} role="region" aria-label={t('moves')}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <Checkbox
                aria-label={t('moveAll')}
                checked={left.size === 0}
                indeterminate={left.size > 0 && left.size < moves.length}
                onChange={() => onChange(new Set(left.size === 0 ? moves.map(({ returnId }) => returnId) : []))}
              />
            </th>
            <th scope="col">{t('unit')}</th>
            <th scope="col">{t('from')}</th>
            <th scope="col">{t('to')}</th>
            <th scope="col" className={classes.figure}>
              {t('way')}
            </th>
            <th scope="col" className={classes.figure}>
              {t('saves')}
            </th>
          </tr>
        </thead>
        <tbody>
          {moves.map(({ returnId, lpn, fromHubId, toHubId, extraKm, savingMinor }) => (
            <tr key={returnId}>
              <td>
                <Checkbox
                  aria-label={t('move', { lpn })}
                  checked={!left.has(returnId)}
                  onChange={() => toggle(returnId)}
                />
              </td>
              <td className="code">{lpn}</td>
              <td>{codes.get(fromHubId)}</td>
              <td>{codes.get(toHubId)}</td>
              <td className={`num ${classes.figure}`}>{extraKm === null ? '–' : formatWay(language, extraKm)}</td>
              <td className={`num ${classes.figure}`}>{formatMoney(language, { amount: savingMinor, currency })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function formatWay(language: 'en' | 'hi', km: number): string {
  const way = formatDistance(language, Math.abs(km))
  return km < 0 ? `\u2212${way}` : `+${way}`
}

function Loads({ loads }: { loads: RebalancePreview['loads'] }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const moved = loads.filter(({ before, after }) => before !== after)
  return (
    <section aria-label={t('loadsAfter')}>
      <p className={classes.soft}>{t('loadsAfter')}</p>
      <ul className={classes.loads}>
        {moved.map(({ hubId, code, capacity, before, after }) => (
          <li key={hubId}>
            <span className={classes.code}>{code}</span>
            <span className="num">{formatShare(language, before)}</span>
            <ArrowRight size={16} aria-hidden />
            <LoadBar used={Math.round(after * capacity)} capacity={capacity} />
          </li>
        ))}
      </ul>
    </section>
  )
}
