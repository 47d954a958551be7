'use client'
import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Search, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { dispositions, grades, stages } from '../../../src/contracts/code-lists.ts'
import { FilterChip, ToggleChip } from '../../components/filter-chip.tsx'
import { useHubs } from '../../lib/places.ts'
import { isFiltered, type ListState, noFilters, type ReturnSort, sorts } from './list-query.ts'
import classes from './returns-page.module.css'

type Changes = { readonly [K in keyof ListState]?: ListState[K] | null }
const typingPauseMs = 350

export function ListFilters({ state, onChange }: { state: ListState; onChange: (changes: Changes) => void }) {
  const t = useTranslations()
  const hubs = useHubs()
  const sortNames: Readonly<Record<ReturnSort, string>> = {
    newest: t('returns.sortNewest'),
    oldest: t('returns.sortOldest'),
    changed: t('returns.sortChanged'),
    value: t('returns.sortValue'),
  }
  return (
    <div className={classes.filters}>
      <TitleSearch value={state.q} onChange={(q) => onChange({ q: q === '' ? null : q })} />
      <FilterChip
        name={t('returns.filterStage')}
        choices={stages.map((value) => ({ value, label: t(`stage.${value}`) }))}
        chosen={state.stage}
        onChange={(stage) => onChange({ stage })}
      />
      <FilterChip
        name={t('returns.filterDisposition')}
        choices={dispositions.map((value) => ({ value, label: t(`disposition.${value}`) }))}
        chosen={state.disposition}
        onChange={(disposition) => onChange({ disposition })}
      />
      <FilterChip
        name={t('returns.colGrade')}
        choices={grades.map((value) => ({ value, label: value, hint: t(`grade.${value}`) }))}
        chosen={state.grade}
        onChange={(grade) => onChange({ grade })}
      />
      {hubs.data === undefined || hubs.data.length < 2 ? null : (
        <FilterChip
          name={t('returns.filterHub')}
          choices={hubs.data.map((hub) => ({ value: hub.id, label: hub.code }))}
          chosen={state.hub}
          onChange={(hub) => onChange({ hub })}
        />
      )}
      <ToggleChip label={t('returns.filterReview')} isOn={state.review} onChange={(review) => onChange({ review })} />
      {state.rma === '' ? null : <ToggleChip label={state.rma} isOn onChange={() => onChange({ rma: null })} />}
      {isFiltered(state) ? (
        <Button variant="subtle" color="gray" leftSection={<X size={16} />} onClick={() => onChange(noFilters)}>
          {t('common.clear')}
        </Button>
      ) : null}
      <Select
        className={classes.sort}
        aria-label={t('returns.sort')}
        data={sorts.map((value) => ({ value, label: sortNames[value] }))}
        value={state.sort}
        allowDeselect={false}
        onChange={(value) => onChange({ sort: value ?? 'newest' })}
      />
    </div>
  )
}

/** Follows the address, and changes it when the typing pauses. */
function TitleSearch({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const t = useTranslations('returns')
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const tell = useDebouncedCallback(onChange, typingPauseMs)
  return (
    <TextInput
      className={classes.search}
      type="search"
      aria-label={t('searchLabel')}
      placeholder={t('searchHint')}
      leftSection={<Search size={18} aria-hidden />}
      value={text}
      maxLength={100}
      onChange={(event) => {
        setText(event.currentTarget.value)
        tell(event.currentTarget.value.trim())
      }}
    />
  )
}
