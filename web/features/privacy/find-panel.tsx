'use client'
import { Button, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { findPeople } from './api.ts'
import { PersonRow } from './person-row.tsx'
import classes from './privacy.module.css'

const ways = ['email', 'phone', 'name', 'ref', 'orderRef'] as const
type Way = (typeof ways)[number]
const words = { email: 'byEmail', phone: 'byPhone', name: 'byName', ref: 'byRef', orderRef: 'byOrder' } as const

/** Finds persons, and offers what each has a right to. */
export function FindPanel() {
  const t = useTranslations('privacy')
  const form = useForm<{ by: Way; value: string }>({
    initialValues: { by: 'email', value: '' },
    validate: { value: (value) => (value.trim() === '' ? t('needValue') : null) },
  })
  const search = useMutation({
    mutationFn: ({ by, value }: { by: Way; value: string }) => findPeople({ [by]: value.trim() }),
  })
  const again = () => {
    if (search.variables !== undefined) search.mutate(search.variables)
  }
  return (
    <Panel title={t('find')}>
      <p className={classes.soft}>{t('findText')}</p>
      <form className={classes.form} onSubmit={form.onSubmit((values) => search.mutate(values))}>
        <Select
          label={t('by')}
          data={ways.map((way) => ({ value: way, label: t(words[way]) }))}
          allowDeselect={false}
          {...form.getInputProps('by')}
        />
        <TextInput label={t('value')} autoComplete="off" maxLength={254} {...form.getInputProps('value')} />
        <Button type="submit" leftSection={<Search size={16} aria-hidden />} loading={search.isPending}>
          {t('search')}
        </Button>
      </form>
      {search.isError ? <ProblemNote error={search.error} /> : null}
      {search.data === undefined ? null : (
        <div aria-live="polite">
          {search.data.data.length === 0 && search.data.unlinkedReturns.length === 0 ? <p>{t('nobody')}</p> : null}
          {search.data.unlinkedReturns.length === 0 ? null : (
            <p>{t('unlinked', { count: search.data.unlinkedReturns.length })}</p>
          )}
          {search.data.data.length === 0 ? null : (
            <ul className={classes.list}>
              {search.data.data.map((person) => (
                <PersonRow key={person.id} person={person} onChanged={again} />
              ))}
            </ul>
          )}
        </div>
      )}
    </Panel>
  )
}
