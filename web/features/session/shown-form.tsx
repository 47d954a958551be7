'use client'
import { Button, Group, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { EntryProblem } from './entry-problem.tsx'
import classes from './login-page.module.css'

type Shown = { readonly current: string; readonly code: string }
type Props = {
  readonly hasPassword: boolean
  readonly submit: string
  readonly isDanger: boolean
  readonly onSubmit: (shown: Shown) => Promise<void>
  readonly onCancel: () => void
}

/** Password and code once more, before something that a thief of an open browser would do. */
export function ShownForm({ hasPassword, submit, isDanger, onSubmit, onCancel }: Props) {
  const t = useTranslations('password')
  const login = useTranslations('login')
  const common = useTranslations('common')
  const send = useMutation({ mutationFn: onSubmit })
  const form = useForm({
    initialValues: { current: '', code: '' },
    validate: {
      current: (value) => (hasPassword && value === '' ? login('needPassword') : null),
      code: (value) => (value.trim().length < 6 ? login('needCode') : null),
    },
  })
  return (
    <form
      noValidate
      className={classes.fields}
      onSubmit={form.onSubmit(({ current, code }) => send.mutate({ current, code: code.trim() }))}
    >
      {hasPassword ? (
        <PasswordInput label={t('current')} autoComplete="current-password" {...form.getInputProps('current')} />
      ) : null}
      <TextInput label={login('code')} autoComplete="one-time-code" maxLength={32} {...form.getInputProps('code')} />
      <EntryProblem error={send.error} />
      <Group>
        <Button type="submit" loading={send.isPending} {...(isDanger ? { color: 'red' } : {})}>
          {submit}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {common('cancel')}
        </Button>
      </Group>
    </form>
  )
}
