'use client'
import { Button, Group, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { importKinds } from '../../../src/contracts/imports.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useCommand } from '../../lib/use-command.ts'
import type { ImportSurvey } from './api.ts'
import { mappingOf, missingOf, startOf } from './mapping-form.ts'
import classes from './imports.module.css'

type Props = {
  readonly survey: ImportSurvey
  readonly canCancel: boolean
  readonly onCancel: () => void
  readonly onSaved: (name: string) => void
}

const namePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** Each of our fields beside a column of the file. */
export function NewMapping({ survey, canCancel, onCancel, onSaved }: Props) {
  const t = useTranslations('imports')
  const [form, setForm] = useState(() => startOf(survey, 'returns'))
  const [isTold, setTold] = useState(false)
  const save = useCommand<unknown>([])
  const missing = missingOf(survey, form)
  const isNamed = namePattern.test(form.name)
  // A header may name a column twice; a choice is by name.
  const columns = [...new Set(survey.header.filter((name) => name !== ''))]
  return (
    <form
      noValidate
      className={classes.page}
      onSubmit={(event) => {
        event.preventDefault()
        setTold(true)
        if (missing.length > 0 || !isNamed) return
        save.mutate(
          { method: 'POST', path: '/api/import-mappings', body: mappingOf(survey, form) },
          { onSuccess: () => onSaved(form.name) },
        )
      }}
    >
      <div className={classes.fields}>
        <TextInput
          label={t('mappingName')}
          description={t('mappingNameHint')}
          placeholder="my-shop"
          value={form.name}
          maxLength={64}
          error={isTold && !isNamed ? t('mappingNameHint') : null}
          onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
        />
        <Select
          label={t('kind')}
          description={t('kindHint')}
          allowDeselect={false}
          value={form.kind}
          data={importKinds.map((kind) => ({ value: kind, label: t(`kindOf.${kind}`) }))}
          onChange={(value) => {
            const kind = importKinds.find((one) => one === value)
            if (kind !== undefined) setForm({ ...startOf(survey, kind), name: form.name })
          }}
        />
      </div>
      <ul className={classes.targets} aria-label={t('fields')}>
        {(survey.targets[form.kind] ?? []).map(({ name, form: shape, isRequired }) => (
          <li key={name} className={classes.target}>
            <Select
              label={<span className="code">{name}</span>}
              required={isRequired}
              searchable
              clearable
              placeholder={t('leftOut')}
              value={form.columns[name] ?? null}
              data={columns}
              error={isTold && missing.includes(name) ? t('needed') : null}
              onChange={(column) => setForm({ ...form, columns: { ...form.columns, [name]: column } })}
            />
            {(shape === 'time' || shape === 'day') && (form.columns[name] ?? null) !== null ? (
              <TextInput
                label={t('dateFormat', { field: name })}
                placeholder="iso, excel, DD-MM-YY HH:mm"
                maxLength={40}
                value={form.formats[name] ?? ''}
                onChange={(event) =>
                  setForm({ ...form, formats: { ...form.formats, [name]: event.currentTarget.value } })
                }
              />
            ) : null}
          </li>
        ))}
      </ul>
      {save.isError ? <ProblemNote error={save.error} /> : null}
      <Group>
        <Button type="submit" loading={save.isPending}>
          {t('saveMapping')}
        </Button>
        {canCancel ? (
          <Button variant="default" onClick={onCancel}>
            {t('cancel')}
          </Button>
        ) : null}
      </Group>
    </form>
  )
}
