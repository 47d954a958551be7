'use client'
import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { EntryProblem } from './entry-problem.tsx'
import classes from './login-page.module.css'

type Credentials = { readonly email: string; readonly password: string }
type Props = {
  readonly isPending: boolean
  readonly error: Error | null
  /** What a company login was refused for, as its way back tells it. */
  readonly problem: string | null
  readonly onSubmit: (credentials: Credentials) => void
}

export function CredentialsForm({ isPending, error, problem, onSubmit }: Props) {
  const t = useTranslations('login')
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.includes('@') ? null : t('needEmail')),
      password: (value) => (value === '' ? t('needPassword') : null),
    },
  })
  return (
    <form onSubmit={form.onSubmit(onSubmit)} noValidate className={classes.fields}>
      <TextInput label={t('email')} type="email" autoComplete="username" {...form.getInputProps('email')} />
      <PasswordInput label={t('password')} autoComplete="current-password" {...form.getInputProps('password')} />
      <EntryProblem error={error} code={problem} />
      <Button type="submit" fullWidth loading={isPending}>
        {t('submit')}
      </Button>
      <Anchor component={Link} href="/password" prefetch={false} className={classes.beside}>
        {t('forgotten')}
      </Anchor>
    </form>
  )
}
