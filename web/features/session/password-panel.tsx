'use client'
import { PasswordInput, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Panel } from '../../components/panel.tsx'
import { useTell } from '../../lib/tell.ts'
import { accountKeys, changePassword, readSecondFactor } from './api.ts'
import classes from './account.module.css'
import { NewPasswordForm } from './new-password-form.tsx'

export function PasswordPanel({ email }: { email: string }) {
  const t = useTranslations('password')
  const tell = useTell()
  const queries = useQueryClient()
  const router = useRouter()
  const [current, setCurrent] = useState('')
  const factor = useQuery({ queryKey: accountKeys.secondFactor, queryFn: ({ signal }) => readSecondFactor(signal) })
  const change = useMutation({
    mutationFn: (password: string) => changePassword(current, password),
    onSuccess: () => {
      tell.done(t('changed'))
      queries.clear()
      router.replace('/login')
    },
  })
  if (factor.data === undefined) return null
  if (!factor.data.hasPassword)
    return (
      <Panel title={t('title')}>
        <Text>{t('atCompany')}</Text>
      </Panel>
    )
  return (
    <Panel title={t('title')}>
      <div className={classes.narrow}>
        <Text>{t('changeText')}</Text>
        <NewPasswordForm
          email={email}
          min={factor.data.passwordMin}
          submit={t('change')}
          isPending={change.isPending}
          error={change.error}
          onSubmit={(password) => change.mutate(password)}
        >
          <PasswordInput
            label={t('current')}
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        </NewPasswordForm>
      </div>
    </Panel>
  )
}
