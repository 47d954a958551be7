'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useQueryState } from 'nuqs'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { SignInStep } from '../../../src/contracts/session.ts'
import { signIn } from './api.ts'
import { CompanyButtons } from './company-buttons.tsx'
import { CredentialsForm } from './credentials-form.tsx'
import { DemoUsers } from './demo-users.tsx'
import { EntryFrame } from './entry-frame.tsx'
import { SecondFactorStep } from './second-factor-step.tsx'

type Step = Pick<SignInStep, 'step'> & { readonly ticket: string | null }

/** Only a path of our own: an address elsewhere in `next` would send a signed-in person to it. */
function safePath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/'
}

export function LoginPage() {
  const t = useTranslations('login')
  const router = useRouter()
  const queries = useQueryClient()
  const [next] = useQueryState('next')
  const [problem] = useQueryState('problem')
  // Who comes back from a company login has the ticket as a cookie that scripts cannot read.
  const [asked] = useQueryState('step')
  const [step, setStep] = useState<Step | null>(null)
  const path = safePath(next)
  const finish = () => {
    queries.clear()
    router.replace(path)
  }
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: (answer) => (answer === null ? finish() : setStep(answer)),
  })
  const isAsked = asked === 'second_factor' || asked === 'second_factor_setup'
  const open: Step | null = step ?? (isAsked ? { step: asked, ticket: null } : null)
  const startAgain = () => {
    setStep(null)
    enter.reset()
    router.replace(next === null ? '/login' : `/login?next=${encodeURIComponent(path)}`)
  }
  if (open !== null)
    return (
      <EntryFrame title={t(open.step === 'second_factor' ? 'codeTitle' : 'setupTitle')}>
        <SecondFactorStep step={open.step} ticket={open.ticket} onDone={finish} onCancel={startAgain} />
      </EntryFrame>
    )
  return (
    <EntryFrame title={t('title')}>
      <CredentialsForm
        isPending={enter.isPending}
        error={enter.error}
        problem={enter.isIdle ? problem : null}
        onSubmit={(credentials) => enter.mutate(credentials)}
      />
      <CompanyButtons next={path} />
      <DemoUsers isDisabled={enter.isPending} onChoose={(credentials) => enter.mutate(credentials)} />
    </EntryFrame>
  )
}
