'use client'
import { Button, Group, PasswordInput, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { beginSecondFactor, confirmSecondFactor } from './api.ts'
import classes from './account.module.css'
import { CodeForm } from './code-form.tsx'
import { Enrolment } from './enrolment.tsx'
import { EntryProblem } from './entry-problem.tsx'

type Props = {
  readonly hasPassword: boolean
  readonly onDone: (codes: readonly string[]) => void
  readonly onCancel: () => void
}

/** Password, then the picture for the app, then its first code. */
export function SecondFactorSetup({ hasPassword, onDone, onCancel }: Props) {
  const t = useTranslations('secondFactor')
  const password = useTranslations('password')
  const login = useTranslations('login')
  const common = useTranslations('common')
  const begin = useMutation({ mutationFn: beginSecondFactor })
  const confirm = useMutation({ mutationFn: confirmSecondFactor, onSuccess: onDone })
  const form = useForm({
    initialValues: { current: '' },
    validate: { current: (value) => (hasPassword && value === '' ? login('needPassword') : null) },
  })
  if (begin.data !== undefined)
    return (
      <div className={classes.narrow}>
        <Enrolment {...begin.data} />
        <CodeForm
          label={login('firstCode')}
          submit={t('confirm')}
          isPending={confirm.isPending}
          error={confirm.error}
          onSubmit={(code) => confirm.mutate(code)}
        />
        <Button variant="subtle" onClick={onCancel}>
          {common('cancel')}
        </Button>
      </div>
    )
  return (
    <form noValidate className={classes.narrow} onSubmit={form.onSubmit(({ current }) => begin.mutate(current))}>
      <Text>{t('setUpText')}</Text>
      {hasPassword ? (
        <PasswordInput label={password('current')} autoComplete="current-password" {...form.getInputProps('current')} />
      ) : null}
      <EntryProblem error={begin.error} />
      <Group>
        <Button type="submit" loading={begin.isPending}>
          {t('next')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {common('cancel')}
        </Button>
      </Group>
    </form>
  )
}
