import type { Enrolment, OneTimeLink, SecondFactor, Session, SignInStep } from '../../../src/contracts/session.ts'
import { call, read, ApiError } from '../../lib/api.ts'

export type DemoUser = { readonly label: string; readonly email: string; readonly password: string }

export const accountKeys = { sessions: ['own-sessions'], secondFactor: ['own-second-factor'] } as const

/** The sign-ins of the demo; none where the demo is off. */
export async function readDemoUsers(signal: AbortSignal): Promise<readonly DemoUser[]> {
  try {
    const { users } = await read<{ users: readonly DemoUser[] }>('/api/auth/demo', signal)
    return users
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return []
    throw error
  }
}

export async function readProviders(signal: AbortSignal) {
  type Providers = { providers: readonly { readonly id: string; readonly name: string }[] }
  return (await read<Providers>('/api/auth/providers', signal)).providers
}

/** Null when it is done, else what is still to be shown. */
export async function signIn(credentials: {
  readonly email: string
  readonly password: string
}): Promise<SignInStep | null> {
  const answer = await call<SignInStep>('POST', '/api/auth/login', { body: credentials })
  return answer.status === 202 ? answer.data : null
}

const ticketOf = (ticket: string | null) => (ticket === null ? {} : { ticket })

export async function readSetup(ticket: string | null): Promise<Enrolment> {
  const answer = await call<Enrolment>('POST', '/api/auth/login/second-factor/setup', { body: ticketOf(ticket) })
  return answer.data
}

/** The recovery codes of a second factor that was just set up, else null. */
export async function showSecondFactor(ticket: string | null, code: string): Promise<readonly string[] | null> {
  const answer = await call<{ recoveryCodes?: readonly string[] }>('POST', '/api/auth/login/second-factor', {
    body: { ...ticketOf(ticket), code },
  })
  return answer.data.recoveryCodes ?? null
}

export async function signOut(): Promise<void> {
  await call('POST', '/api/auth/logout')
}

export async function askForLink(email: string): Promise<void> {
  await call('POST', '/api/auth/password/forgotten', { body: { email } })
}

export async function readLink(token: string): Promise<OneTimeLink> {
  return (await call<OneTimeLink>('POST', '/api/auth/password/link', { body: { token } })).data
}

export async function choosePassword(token: string, password: string): Promise<void> {
  await call('POST', '/api/auth/password/choose', { body: { token, password } })
}

export async function changePassword(current: string, password: string): Promise<void> {
  await call('POST', '/api/auth/password', { body: { current, password } })
}

export async function readSessions(signal: AbortSignal): Promise<readonly Session[]> {
  return (await read<{ data: readonly Session[] }>('/api/auth/sessions', signal)).data
}

export async function endSession(id: string): Promise<void> {
  await call('DELETE', `/api/auth/sessions/${id}`)
}

export async function endAllSessions(): Promise<void> {
  await call('DELETE', '/api/auth/sessions')
}

export function readSecondFactor(signal: AbortSignal): Promise<SecondFactor> {
  return read<SecondFactor>('/api/auth/second-factor', signal)
}

export async function beginSecondFactor(current: string): Promise<Enrolment> {
  return (await call<Enrolment>('POST', '/api/auth/second-factor', { body: { current } })).data
}

type Codes = { readonly recoveryCodes: readonly string[] }

export async function confirmSecondFactor(code: string): Promise<readonly string[]> {
  return (await call<Codes>('POST', '/api/auth/second-factor/confirm', { body: { code } })).data.recoveryCodes
}

export async function renewCodes(current: string, code: string): Promise<readonly string[]> {
  const path = '/api/auth/second-factor/recovery-codes'
  return (await call<Codes>('POST', path, { body: { current, code } })).data.recoveryCodes
}

export async function removeSecondFactor(current: string, code: string): Promise<void> {
  await call('POST', '/api/auth/second-factor/remove', { body: { current, code } })
}
