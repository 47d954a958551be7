'use client'
import { Button, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { readSetup, showSecondFactor } from './api.ts'
import { CodeForm } from './code-form.tsx'
import { Enrolment } from './enrolment.tsx'
import { EntryProblem } from './entry-problem.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

type Props = {
  readonly step: 'second_factor' | 'second_factor_setup'
  readonly ticket: string | null
  readonly onDone: () => void
  readonly onCancel: () => void
}

/** The second half of a sign-in: a code, or first a new second factor where one must be. */
export function SecondFactorStep({ step, ticket, onDone, onCancel }: Props) {
  const t = useTranslations('login')
  const isSetup = step === 'second_factor_setup'
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const setup = useQuery({
    queryKey: ['second-factor-setup', ticket],
    queryFn: () => readSetup(ticket),
    enabled: isSetup,
    // Each question makes another secret: it is asked once.
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
  })
  const show = useMutation({
    mutationFn: (code: string) => showSecondFactor(ticket, code),
    onSuccess: (made) => (made === null ? onDone() : setCodes(made)),
  })
  if (codes !== null) return <RecoveryCodes codes={codes} onDone={onDone} />
  return (
    <>
      <Text c="dimmed">{t(isSetup ? 'setupText' : 'codeText')}</Text>
      {setup.data === undefined ? null : <Enrolment {...setup.data} />}
      <EntryProblem error={setup.error} />
      <CodeForm
        label={t(isSetup ? 'firstCode' : 'code')}
        submit={t('submit')}
        isPending={show.isPending}
        error={show.error}
        onSubmit={(code) => show.mutate(code)}
      />
      <Button variant="subtle" onClick={onCancel}>
        {t('startAgain')}
      </Button>
    </>
  )
}
