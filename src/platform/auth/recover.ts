import { AppError } from '#kernel/errors.ts'
import type { Database, Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import { hasFreshLink, issueLink, readLink, useLink, type Link } from './links.ts'
import { hasIdentity } from './oidc/store.ts'
import { checkPassword, hashPassword, isLongPassword } from './passwords.ts'
import type { SecondFactors } from './second-factor/second-factors.ts'
import { readUserByEmail, type UserRow } from './store.ts'
import { dropSessions, noteUser, type Doer } from './users.ts'

/** What a person is told about the own login. */
export type Notice =
  | { readonly kind: 'invitation' | 'password_reset'; readonly link: Link }
  | { readonly kind: 'password_changed' | 'second_factor_set' | 'second_factor_removed' }

export type RecoverContext = {
  readonly db: Database
  readonly events: EventLog
  readonly now: () => number
  readonly secondFactors: SecondFactors
  /** Where people reach the pages; never taken from a request. */
  readonly baseUrl: string
  /** Writes to a person, in the caller's transaction. */
  readonly tell: (tx: Transaction, user: Pick<UserRow, 'email' | 'name'>, notice: Notice) => Promise<void>
}

/** Gives somebody a link to choose the first password by; `isTold` false for who hands it over by another way. */
export async function invite(
  ctx: RecoverContext,
  tx: Transaction,
  userId: string,
  doer: Doer,
  isTold: boolean,
): Promise<Link> {
  const user = await noteUser(ctx, tx, userId, { type: 'UserInvited', doer })
  if (user.passwordHash !== null)
    throw new AppError('conflict', 'this user has a password already', { problem: 'already_accepted' })
  const link = await issueLink(tx, { userId, purpose: 'invitation', baseUrl: ctx.baseUrl }, ctx.now())
  if (isTold) await ctx.tell(tx, user, { kind: 'invitation', link })
  return link
}

/** A link for a new password, on an administrator's word. The present password and its sessions end at once. */
export async function resetLogin(
  ctx: RecoverContext,
  tx: Transaction,
  userId: string,
  doer: Doer,
  given: { readonly isTold: boolean; readonly endsSecondFactor: boolean },
): Promise<Link> {
  const user = await noteUser(ctx, tx, userId, {
    type: 'PasswordReset',
    doer,
    data: { endsSecondFactor: given.endsSecondFactor },
    change: { passwordHash: null, isPasswordLong: true },
  })
  if (user.isDemo) throw new AppError('forbidden', 'a demo login stays as it is', { problem: 'demo_login' })
  await endTokens(ctx, tx, user, doer)
  if (given.endsSecondFactor) await ctx.secondFactors.remove(tx, userId)
  const link = await issueLink(tx, { userId, purpose: 'password_reset', baseUrl: ctx.baseUrl }, ctx.now())
  if (given.isTold) await ctx.tell(tx, user, { kind: 'password_reset', link })
  return link
}

async function endTokens(ctx: RecoverContext, tx: Transaction, user: UserRow, doer: Doer): Promise<void> {
  await tx.query('update users set token_epoch = token_epoch + 1 where id = $1', [user.id])
  await dropSessions(ctx, tx, user.id, doer, null)
}

/**
 * Somebody says to have forgotten the password. Nothing in the answer tells whether there is such a person; the present
 * password stays until the link is used, so that nobody can shut another out.
 */
export async function forgotPassword(ctx: RecoverContext, email: string, requestId: string): Promise<void> {
  const user = await readUserByEmail(ctx.db, email)
  if (user === null || !user.isActive || user.isDemo) return
  // Whom the own company vouches for gets no way around it.
  if (user.passwordHash === null && (await hasIdentity(ctx.db, user.id))) return
  const nowMs = ctx.now()
  if (await hasFreshLink(ctx.db, user.id, nowMs)) return
  const doer = { by: { kind: 'system', id: 'login' }, requestId }
  await ctx.db.transaction(async (tx) => {
    await noteUser(ctx, tx, user.id, { type: 'PasswordResetAsked', doer })
    const purpose = user.passwordHash === null ? 'invitation' : 'password_reset'
    const link = await issueLink(tx, { userId: user.id, purpose, baseUrl: ctx.baseUrl }, nowMs)
    await ctx.tell(tx, user, { kind: purpose, link })
  })
}

/** Sets the password that the holder of a link chose. The second factor stays, and the sessions of before end. */
export async function choosePassword(
  ctx: RecoverContext,
  given: { readonly token: string; readonly password: string; readonly requestId: string },
): Promise<void> {
  const { user } = await readLink(ctx.db, given.token, ctx.now())
  checkPassword(given.password, { context: [user.email, user.name], hasSecondFactor: user.hasSecondFactor })
  await setPassword(ctx, user.id, given.password, given.requestId, (tx) => useLink(tx, given.token, ctx.now()))
}

/** Gives a person another password, ends all sessions, and tells the person. `before` runs first, in the same transaction. */
export async function setPassword(
  ctx: RecoverContext,
  userId: string,
  password: string,
  requestId: string,
  before: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const passwordHash = await hashPassword(password)
  const doer = { by: { kind: 'user', id: userId }, requestId }
  await ctx.db.transaction(async (tx) => {
    await before(tx)
    const user = await noteUser(ctx, tx, userId, {
      type: 'UserChanged',
      doer,
      data: { fields: ['password'] },
      change: { passwordHash, isPasswordLong: isLongPassword(password) },
    })
    await endTokens(ctx, tx, user, doer)
    await tx.query('update users set failed_logins = 0, locked_until = null where id = $1', [userId])
    await ctx.tell(tx, user, { kind: 'password_changed' })
  })
}
