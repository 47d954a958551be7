import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { delaySeconds } from './attempts.ts'
import type { Ticket } from './browser-tokens.ts'
import { originOf } from './origin.ts'
import { isPassword } from './passwords.ts'
import type { Enrolment } from './second-factor/second-factors.ts'
import { lacksSecondFactor, maySignIn, openSession, type SessionContext, type SignedIn } from './sessions.ts'
import { countFailure, delayLogins, forgetFailures, readUser, readUserByEmail, type UserRow } from './store.ts'
import { noteUser } from './users.ts'

/** Where a sign-in comes from. */
export type From = {
  /** The device token that an earlier sign-in left in this browser. */
  readonly device: string | null
  readonly address: string
  readonly agent: string
  readonly requestId: string
}
export type SignInInput = From & { readonly email: string; readonly password: string }

/** A session, or what is still to be shown for one. */
export type SignInAnswer =
  | { readonly kind: 'session'; readonly session: SignedIn; readonly recoveryCodes: readonly string[] | null }
  | { readonly kind: Ticket['step']; readonly ticket: string }

/** Whose failures count: those of a known device, of an account, or of an address that nobody has. */
type Counter =
  | { readonly kind: 'device' | 'stranger'; readonly key: string }
  | { readonly kind: 'account'; readonly user: UserRow }

/**
 * Takes the first factor. After five failures in a row each further one doubles the wait, up to 15 minutes. A browser
 * that the user has signed in from before has a count of its own, so guesses from elsewhere do not lock its owner out.
 * An address that nobody has is answered alike: the same work, the same waits.
 */
export async function signIn(ctx: SessionContext, input: SignInInput): Promise<SignInAnswer> {
  const user = await readUserByEmail(ctx.db, input.email)
  const nowMs = ctx.now()
  const counter = await counterOf(ctx, user, input.email, input.device, nowMs)
  const isRight = await isPassword(input.password, user?.passwordHash ?? null)
  await refuseEarly(ctx, counter, nowMs)
  if (user === null || !isRight || !maySignIn(ctx, user)) {
    const failure = { userId: user?.id ?? null, email: input.email, ...asked(input), factor: 'password' }
    await recordFailure(ctx, counter, failure, nowMs)
    throw new AppError('unauthenticated', 'the address or the password is not right', { problem: 'login_refused' })
  }
  return afterFirstFactor(ctx, user, input, { method: 'password', isSecondFactorShown: false }, counter)
}

/** What follows when the first factor was right, whoever vouched for it. */
export async function afterFirstFactor(
  ctx: SessionContext,
  user: UserRow,
  from: From,
  shown: { readonly method: Ticket['method']; readonly isSecondFactorShown: boolean },
  counter?: Counter,
): Promise<SignInAnswer> {
  const nowMs = ctx.now()
  const { method, isSecondFactorShown } = shown
  const isShort = method === 'password' && !user.isPasswordLong
  const step =
    isSecondFactorShown || (!user.hasSecondFactor && !isShort && !lacksSecondFactor(ctx, user, false))
      ? null
      : user.hasSecondFactor
        ? 'second_factor'
        : 'second_factor_setup'
  if (step !== null) {
    const ticket = await ctx.tokens.signTicket({ userId: user.id, epoch: user.tokenEpoch, method, step }, nowMs)
    return { kind: step, ticket }
  }
  // Only now: who knows the password alone would else get new tries at the second factor by each sign-in.
  if (counter !== undefined) await forget(ctx, counter)
  const session = await openSession(ctx, user, { ...from, method, hasSecondFactor: isSecondFactorShown })
  return { kind: 'session', session, recoveryCodes: null }
}

/** A secret for the app of somebody who must have a second factor and has none yet. */
export async function setUpAtSignIn(ctx: SessionContext, ticket: string): Promise<Enrolment> {
  const { user } = await holderOf(ctx, ticket, ['second_factor_setup'])
  return ctx.db.transaction((tx) => ctx.secondFactors.begin(tx, user))
}

/** Takes the second factor, or the first code of a new one, and opens the session. */
export async function finishSignIn(
  ctx: SessionContext,
  input: From & { readonly ticket: string; readonly code: string },
): Promise<SignInAnswer> {
  const { user, shown } = await holderOf(ctx, input.ticket, ['second_factor', 'second_factor_setup'])
  const nowMs = ctx.now()
  const counter = await counterOf(ctx, user, user.email, input.device, nowMs)
  await refuseEarly(ctx, counter, nowMs)
  const doer = { by: { kind: 'user', id: user.id }, requestId: input.requestId }
  const outcome = await ctx.db.transaction(async (tx) => {
    if (shown.step === 'second_factor') {
      const how = await ctx.secondFactors.check(tx, user.id, input.code)
      if (how === 'recovery') await noteUser(ctx, tx, user.id, { type: 'RecoveryCodeUsed', doer })
      return how === null ? 'wrong' : null
    }
    const codes = await ctx.secondFactors.confirm(tx, user.id, input.code)
    if (codes === null) return 'wrong'
    await noteUser(ctx, tx, user.id, { type: 'SecondFactorSet', doer })
    return codes
  })
  if (outcome === 'wrong') {
    const failure = { userId: user.id, email: user.email, ...asked(input), factor: 'second' }
    await recordFailure(ctx, counter, failure, nowMs)
    throw new AppError('unauthenticated', 'the code is not right, or was used before', { problem: 'code_refused' })
  }
  await forget(ctx, counter)
  const session = await openSession(ctx, user, { ...input, method: shown.method, hasSecondFactor: true })
  return { kind: 'session', session, recoveryCodes: outcome }
}

async function holderOf(
  ctx: SessionContext,
  text: string,
  steps: readonly Ticket['step'][],
): Promise<{ readonly user: UserRow; readonly shown: Ticket }> {
  const shown = await ctx.tokens.readTicket(text, ctx.now())
  const user = shown === null ? null : await readUser(ctx.db, shown.userId)
  const isLive =
    shown !== null &&
    user !== null &&
    maySignIn(ctx, user) &&
    user.tokenEpoch === shown.epoch &&
    steps.includes(shown.step) &&
    // One ticket sets up one factor; afterwards the factor itself is asked for.
    user.hasSecondFactor === (shown.step === 'second_factor')
  if (!isLive)
    throw new AppError('unauthenticated', 'this sign-in took too long, or was replaced: begin again', {
      problem: 'ticket_refused',
    })
  return { user, shown }
}

async function counterOf(
  ctx: SessionContext,
  user: UserRow | null,
  email: string,
  deviceToken: string | null,
  nowMs: number,
): Promise<Counter> {
  if (user === null) return { kind: 'stranger', key: `stranger|${ctx.nameOf(email.toLowerCase())}` }
  const device = deviceToken === null ? null : await ctx.tokens.readDevice(deviceToken, user.id, nowMs)
  return device === null ? { kind: 'account', user } : { kind: 'device', key: `device|${device}` }
}

async function refuseEarly(ctx: SessionContext, counter: Counter, nowMs: number): Promise<void> {
  const waitMs =
    counter.kind === 'account'
      ? (counter.user.lockedUntil?.getTime() ?? 0) - nowMs
      : await ctx.attempts.waitMs(counter.key, nowMs)
  if (waitMs <= 0) return
  throw new AppError('rate_limited', 'too many attempts; wait before the next one', {
    retryAfterSeconds: Math.ceil(waitMs / 1000),
    problem: 'login_delayed',
  })
}

/** The account's own count stays when a known device signs in: it would give those who guess elsewhere free tries. */
async function forget(ctx: SessionContext, counter: Counter): Promise<void> {
  if (counter.kind === 'account') await forgetFailures(ctx.db, counter.user.id)
  else await ctx.attempts.forget(counter.key)
}

function asked({ requestId, address, agent }: Pick<SignInInput, 'requestId' | 'address' | 'agent'>) {
  return { requestId, from: originOf(address, agent) }
}

async function recordFailure(
  ctx: SessionContext,
  counter: Counter,
  failure: {
    readonly userId: string | null
    readonly email: string
    readonly requestId: string
    readonly from: string
    readonly factor: string
  },
  nowMs: number,
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    if (counter.kind === 'account') {
      const delay = delaySeconds(await countFailure(tx, counter.user.id))
      if (delay > 0) await delayLogins(tx, counter.user.id, new Date(nowMs + delay * 1000))
    } else await ctx.attempts.fail(tx, counter.key, nowMs)
    // Whose address it was is told by a keyed hash only: it may be nobody's, or a password typed in the wrong field.
    const data = {
      by: { kind: 'system', id: 'login', from: failure.from },
      requestId: failure.requestId,
      userId: failure.userId,
      factor: failure.factor,
      addressHash: ctx.nameOf(failure.email.toLowerCase()),
    }
    await ctx.events.append(
      tx,
      [{ stream: `login-${uuidv7(nowMs)}`, version: 1, type: 'SignInRefused', data }],
      new Date(nowMs),
    )
  })
}
