import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { delaySeconds } from './attempts.ts'
import { isPassword } from './passwords.ts'
import { maySignIn, openSession, type SessionContext, type SignedIn } from './sessions.ts'
import { countFailure, delayLogins, forgetFailures, readUserByEmail, type UserRow } from './store.ts'

export type SignInInput = {
  readonly email: string
  readonly password: string
  /** The device token that an earlier sign-in left in this browser. */
  readonly device: string | null
  readonly address: string
  readonly agent: string
  readonly requestId: string
}

/** Whose failures count: those of a known device, of an account, or of an address that nobody has. */
type Counter =
  | { readonly kind: 'device' | 'stranger'; readonly key: string }
  | { readonly kind: 'account'; readonly user: UserRow }

/**
 * Signs a person in. After five failures in a row each further one doubles the wait, up to 15 minutes. A browser that
 * the user has signed in from before has a count of its own, so guesses from elsewhere do not lock its owner out.
 * An address that nobody has is answered alike: the same work, the same waits.
 */
export async function signIn(ctx: SessionContext, input: SignInInput): Promise<SignedIn> {
  const user = await readUserByEmail(ctx.db, input.email)
  const nowMs = ctx.now()
  const counter = await counterOf(ctx, user, input, nowMs)
  const isRight = await isPassword(input.password, user?.passwordHash ?? null)
  const waitMs = waitOf(ctx, counter, nowMs)
  if (waitMs > 0) {
    throw new AppError('rate_limited', 'too many attempts; wait before the next one', {
      retryAfterSeconds: Math.ceil(waitMs / 1000),
      problem: 'login_delayed',
    })
  }
  if (user === null || !isRight || !maySignIn(ctx, user)) {
    await recordFailure(ctx, counter, user, input, nowMs)
    throw new AppError('unauthenticated', 'the address or the password is not right', { problem: 'login_refused' })
  }
  // The account's own count stays when a known device signs in: it would give those who guess elsewhere free tries.
  if (counter.kind === 'account') await forgetFailures(ctx.db, user.id)
  else ctx.attempts.forget(counter.key)
  return openSession(ctx, user, input)
}

async function counterOf(
  ctx: SessionContext,
  user: UserRow | null,
  input: SignInInput,
  nowMs: number,
): Promise<Counter> {
  if (user === null) return { kind: 'stranger', key: `stranger|${ctx.nameOf(input.email.toLowerCase())}` }
  const device = input.device === null ? null : await ctx.tokens.readDevice(input.device, user.id, nowMs)
  return device === null ? { kind: 'account', user } : { kind: 'device', key: `device|${device}` }
}

function waitOf(ctx: SessionContext, counter: Counter, nowMs: number): number {
  return counter.kind === 'account'
    ? (counter.user.lockedUntil?.getTime() ?? 0) - nowMs
    : ctx.attempts.waitMs(counter.key, nowMs)
}

async function recordFailure(
  ctx: SessionContext,
  counter: Counter,
  user: UserRow | null,
  input: SignInInput,
  nowMs: number,
): Promise<void> {
  if (counter.kind !== 'account') ctx.attempts.fail(counter.key, nowMs)
  await ctx.db.transaction(async (tx) => {
    if (counter.kind === 'account') {
      const delay = delaySeconds(await countFailure(tx, counter.user.id))
      if (delay > 0) await delayLogins(tx, counter.user.id, new Date(nowMs + delay * 1000))
    }
    // Whose address it was is told by a keyed hash only: it may be nobody's, or a password typed in the wrong field.
    const data = {
      by: { kind: 'system', id: 'login' },
      requestId: input.requestId,
      userId: user?.id ?? null,
      addressHash: ctx.nameOf(input.email.toLowerCase()),
    }
    await ctx.events.append(
      tx,
      [{ stream: `login-${uuidv7(nowMs)}`, version: 1, type: 'SignInRefused', data }],
      new Date(nowMs),
    )
  })
}
