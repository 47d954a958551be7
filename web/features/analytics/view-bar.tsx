'use client'
import { SegmentedControl } from '@mantine/core'
import { useTranslations } from 'use-intl'
import { FilterChip } from '../../components/filter-chip.tsx'
import { useHubs } from '../../lib/places.ts'
import { type Span, spans, type View } from './view.ts'
import classes from './analytics.module.css'

type Props = {
  readonly view: Pick<View, 'days' | 'hub'>
  readonly onChange: (changes: { days?: Span; hub?: string | null }) => void
}

/** The period and the hub that all figures of a page are of. */
export function ViewBar({ view, onChange }: Props) {
  const t = useTranslations('analytics')
  const words = useTranslations('returns')
  const hubs = useHubs()
  return (
    <div className={classes.bar}>
      <SegmentedControl
        aria-label={t('period')}
        value={view.days}
        onChange={(days) => onChange({ days })}
        data={spans.map((value) => ({ value, label: t(`span.${value}`) }))}
      />
      {hubs.data === undefined || hubs.data.length < 2 ? null : (
        <FilterChip
          name={words('filterHub')}
          choices={hubs.data.map((hub) => ({ value: hub.id, label: hub.code }))}
          chosen={view.hub === null ? [] : [view.hub]}
          onChange={(chosen) => onChange({ hub: chosen.at(-1) ?? null })}
        />
      )}
    </div>
  )
}
