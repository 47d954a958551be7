'use client'
import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import { EntryProblem } from './entry-problem.tsx'
import classes from './login-page.module.css'

type Props = {
  readonly label: string
  readonly submit: string
  readonly isPending: boolean
  readonly error: Error | null
  readonly onSubmit: (code: string) => void
}

/** One code: six digits of the app, or a recovery code where there is one. */
export function CodeForm({ label, submit, isPending, error, onSubmit }: Props) {
  const t = useTranslations('login')
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (value.trim().length < 6 ? t('needCode') : null) },
  })
  return (
    <form
      noValidate
      className={classes.fields}
      onSubmit={form.onSubmit(({ code }) => {
        onSubmit(code.trim())
        form.reset()
      })}
    >
      <TextInput
        label={label}
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={32}
        data-autofocus
        {...form.getInputProps('code')}
      />
      <EntryProblem error={error} />
      <Button type="submit" fullWidth loading={isPending}>
        {submit}
      </Button>
    </form>
  )
}
