'use client'
import { Text } from '@mantine/core'
import { useTranslations } from 'use-intl'
import { ProblemNote } from '../../components/problem-note.tsx'
import { ApiError } from '../../lib/api.ts'

const worded = [
  'login_refused',
  'login_delayed',
  'code_refused',
  'code_wrong',
  'ticket_refused',
  'link_refused',
  'password_wrong',
  'password_short',
  'demo_login',
  'company_journey_lost',
  'company_refused',
  'provider_unavailable',
  'email_unverified',
  'email_foreign',
  'company_user_unknown',
  'company_user_disabled',
  'company_role_missing',
] as const
type Worded = (typeof worded)[number]

function isWorded(code: string): code is Worded {
  return (worded as readonly string[]).includes(code)
}

/** Why one did not get in: in the reader's words where we have them, else as the server says. */
export function EntryProblem({ error, code = null }: { error: Error | null; code?: string | null }) {
  const t = useTranslations('entryProblem')
  const told = error instanceof ApiError ? error.problem.code : code
  if (told === null) return error === null ? null : <ProblemNote error={error} />
  if (!isWorded(told)) return error === null ? null : <ProblemNote error={error} />
  const seconds = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) : 0
  return (
    <Text role="alert" c="var(--mantine-color-error)">
      {t(told, { seconds })}
    </Text>
  )
}
