import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openAttempts } from '#platform/auth/attempts.ts'
import { createUser } from '#platform/auth/users.ts'
import { openIdentity } from '#platform/auth/identity.ts'
import type { SessionContext, SignedIn } from '#platform/auth/sessions.ts'
import { signIn, type SignInInput } from '#platform/auth/sign-in.ts'
import type { UserRow } from '#platform/auth/store.ts'
import { openSecondFactors } from '#platform/auth/second-factor/second-factors.ts'
import { openSigningKeys } from '#platform/auth/signing-keys.ts'
import { openTokens } from '#platform/auth/tokens.ts'
import { openVault } from '#platform/auth/vault.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { openTestContext } from './context.ts'

export const password = 'nine red kites over the harbour'

/** All of identity on a fresh database, with a master key of its own. */
export async function openTestIdentity(t: TestContext, needsSecondFactor = false) {
  const ctx = await openTestContext(t)
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-identity-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const masterKeyFile = join(folder, 'master.key')
  const secrets = await openLocalSecrets({ db: ctx.db, masterKeyFile, now: ctx.now })
  const vault = await openVault(ctx.db, secrets, new Date(ctx.now()))
  const signingKeys = openSigningKeys({ ...ctx, box: secrets })
  const tokens = await openTokens({ db: ctx.db, vault, signingKeys, now: ctx.now })
  const identity = openIdentity({ db: ctx.db, tokens, needsSecondFactor, now: ctx.now })
  const sessions: SessionContext = {
    db: ctx.db,
    events: ctx.events,
    tokens,
    attempts: openAttempts(ctx.db),
    secondFactors: openSecondFactors({ db: ctx.db, vault, now: ctx.now }),
    needsSecondFactor,
    now: ctx.now,
    nameOf: (email) => secrets.personId('login', email),
    isDemo: false,
  }
  return { ctx, masterKeyFile, secrets, vault, signingKeys, tokens, identity, sessions }
}

export type TestIdentity = Awaited<ReturnType<typeof openTestIdentity>>

let users = 0

export async function givenUser(
  { ctx }: Pick<TestIdentity, 'ctx'>,
  user: Partial<Pick<UserRow, 'role' | 'hubIds' | 'clientIds' | 'isDemo'>> = {},
): Promise<{ readonly id: string; readonly email: string }> {
  users += 1
  const email = `person${users}@example.com`
  const row = {
    email,
    name: 'A Person',
    role: 'worker',
    hubIds: [],
    clientIds: [],
    isDemo: false,
    password,
    ...user,
  } as const
  const id = await createUser(ctx, row, { kind: 'system', id: 'test' }, 'test')
  if (id === null) throw new Error(`${email} is taken`)
  return { id, email }
}

export function attempt(email: string, given: { readonly password?: string; readonly device?: string } = {}) {
  return {
    email,
    password: given.password ?? password,
    device: given.device ?? null,
    address: '192.0.2.1',
    agent: 'test',
    requestId: 'test-request',
  }
}

/** Signs in somebody who needs one factor only. */
export async function enter(sessions: SessionContext, input: SignInInput): Promise<SignedIn> {
  const answer = await signIn(sessions, input)
  if (answer.kind !== 'session') throw new Error(`asked for one more step: ${answer.kind}`)
  return answer.session
}
