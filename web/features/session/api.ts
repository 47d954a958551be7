import { call, read, ApiError } from '../../lib/api.ts'

export type DemoUser = { readonly label: string; readonly email: string; readonly password: string }

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

export async function signIn(credentials: { readonly email: string; readonly password: string }): Promise<void> {
  await call('POST', '/api/auth/login', { body: credentials })
}

export async function signOut(): Promise<void> {
  await call('POST', '/api/auth/logout')
}
