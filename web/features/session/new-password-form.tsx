'use client'
import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { ApiError } from '../../lib/api.ts'
import { EntryProblem } from './entry-problem.tsx'
import classes from './login-page.module.css'

type Props = {
  /** For the browser's own keeper of passwords. */
  readonly email: string
  readonly min: number
  readonly submit: string
  readonly isPending: boolean
  readonly error: Error | null
  readonly onSubmit: (password: string) => void
  readonly children?: ReactNode
}

const refusals = ['too_short', 'too_long', 'too_common', 'too_close'] as const
type Refusal = (typeof refusals)[number]

function refusalOf(error: Error | null): Refusal | null {
  if (!(error instanceof ApiError) || error.problem.code !== 'password_refused') return null
  return refusals.find((code) => code === error.problem.errors?.[0]?.code) ?? null
}

/** A new password: long rather than complicated, pasted if one likes. */
export function NewPasswordForm({ email, min, submit, isPending, error, onSubmit, children }: Props) {
  const t = useTranslations('password')
  const form = useForm({
    initialValues: { password: '' },
    validate: {
      password: (value) => (Array.from(value.normalize('NFC')).length < min ? t('too_short', { min }) : null),
    },
  })
  const refusal = refusalOf(error)
  const props = form.getInputProps('password')
  return (
    <form onSubmit={form.onSubmit(({ password }) => onSubmit(password))} noValidate className={classes.fields}>
      {children}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        label={t('new')}
        description={t('hint', { min })}
        autoComplete="new-password"
        {...props}
        error={props.error ?? (refusal === null ? null : t(refusal, { min }))}
      />
      {refusal === null ? <EntryProblem error={error} /> : null}
      <Button type="submit" loading={isPending}>
        {submit}
      </Button>
    </form>
  )
}
