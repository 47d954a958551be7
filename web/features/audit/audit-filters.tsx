'use client'
import { Button, Group, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import { noFilter, type AuditFilter } from './api.ts'
import classes from './audit.module.css'

type Props = { readonly filter: AuditFilter; readonly onChange: (filter: AuditFilter) => void }

/** Who, what, which object, from when to when. Nothing is asked before the person says so. */
export function AuditFilters({ filter, onChange }: Props) {
  const t = useTranslations('auditLog')
  const common = useTranslations('common')
  const [draft, setDraft] = useState(filter)
  const field = (name: keyof AuditFilter, type: 'text' | 'date' = 'text') => (
    <TextInput
      type={type}
      label={t(`filter.${name}`)}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
    />
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const entries = Object.entries(draft).map(([name, value]) => [name, value.trim()])
    onChange(Object.fromEntries(entries) as AuditFilter)
  }
  return (
    <form className={classes.filters} onSubmit={submit} aria-label={t('filters')}>
      {field('by')}
      {field('type')}
      {field('object')}
      {field('from', 'date')}
      {field('to', 'date')}
      <Group gap="xs" className={classes.buttons}>
        <Button type="submit">{common('apply')}</Button>
        <Button variant="default" onClick={() => onChange(noFilter)}>
          {common('clear')}
        </Button>
      </Group>
    </form>
  )
}
