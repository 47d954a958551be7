'use client'
import { Button, SegmentedControl, Skeleton } from '@mantine/core'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { ReturnEventType } from '../../../src/contracts/events.ts'
import type { ReturnDetail, TimelineEntry } from '../../../src/contracts/returns.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { TimelineItem } from './timeline-item.tsx'
import classes from './timeline-panel.module.css'
import { useTimeline } from './use-timeline.ts'

const kinds = ['all', 'status', 'ai', 'money'] as const
type Kind = (typeof kinds)[number]

const kindOf: Readonly<Record<ReturnEventType, Exclude<Kind, 'all'>>> = {
  ReturnSubmitted: 'status',
  ReturnValidated: 'status',
  DispositionRecommended: 'ai',
  HubAssigned: 'status',
  HubNotFound: 'status',
  ReservationLapsed: 'status',
  ReviewResolved: 'status',
  ReturnReceived: 'status',
  QualityChecked: 'status',
  DispositionDecided: 'status',
  DecisionWithdrawn: 'status',
  DispositionExecuted: 'status',
  EsgCredited: 'money',
  LedgerPosted: 'money',
  FeedbackRecorded: 'ai',
  ReturnCancelled: 'status',
  CustomerErased: 'status',
}

/** Newest first; a long middle is folded. */
const headMax = 5
const tailMax = 1

export function TimelinePanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('timeline')
  const [kind, setKind] = useQueryState('timeline', parseAsStringLiteral(kinds).withDefault('all'))
  const timeline = useTimeline(unit)
  return (
    <Panel title={t('title')}>
      <SegmentedControl
        fullWidth
        mb="md"
        aria-label={t('filter')}
        data={kinds.map((value) => ({ value, label: t(value) }))}
        value={kind}
        onChange={(value) => void setKind(value)}
      />
      <DataRegion
        query={timeline}
        skeleton={<Skeleton height={220} radius="md" />}
        isEmpty={(entries) => entries.every((entry) => !isOf(kind, entry))}
        empty={<p className={classes.by}>{t('empty')}</p>}
      >
        {(entries) => <Entries key={kind} entries={entries.filter((entry) => isOf(kind, entry))} unit={unit} />}
      </DataRegion>
    </Panel>
  )
}

function isOf(kind: Kind, entry: TimelineEntry): boolean {
  return kind === 'all' || (kindOf[entry.type as ReturnEventType] ?? 'status') === kind
}

function Entries({ entries, unit }: { entries: readonly TimelineEntry[]; unit: ReturnDetail }) {
  const t = useTranslations('timeline')
  const [isWhole, setIsWhole] = useState(false)
  const hidden = entries.length - headMax - tailMax
  const isFolded = !isWhole && hidden > 1
  const head = isFolded ? entries.slice(0, headMax) : entries
  return (
    <ol className={classes.entries}>
      {head.map((entry) => (
        <TimelineItem key={entry.seq} entry={entry} unit={unit} />
      ))}
      {isFolded ? (
        <>
          <li style={{ paddingBottom: 10 }}>
            <Button variant="subtle" color="gray" fullWidth onClick={() => setIsWhole(true)}>
              {t('hidden', { count: hidden })}
            </Button>
          </li>
          {entries.slice(-tailMax).map((entry) => (
            <TimelineItem key={entry.seq} entry={entry} unit={unit} />
          ))}
        </>
      ) : null}
    </ol>
  )
}
