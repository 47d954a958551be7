import { AppError } from '#kernel/errors.ts'
import { isPassword } from '../passwords.ts'
import type { RecoverContext } from '../recover.ts'
import { markSecondFactor } from '../session-store.ts'
import type { UserRow } from '../store.ts'
import { dropSessions, noteUser } from '../users.ts'
import type { Enrolment } from './second-factors.ts'

type Shown = { readonly current: string; readonly code: string; readonly requestId: string }

/** Who came by a company login has no password to show. */
async function refuseUnlessOwner(user: UserRow, current: string): Promise<void> {
  if (user.isDemo) throw new AppError('forbidden', 'a demo login stays as it is', { problem: 'demo_login' })
  if (user.passwordHash !== null && !(await isPassword(current, user.passwordHash)))
    throw new AppError('forbidden', 'the current password is not right', { problem: 'password_wrong' })
}

function codeWrong(): AppError {
  return new AppError('forbidden', 'the code is not right, or was used before', { problem: 'code_wrong' })
}

const byOwner = (user: UserRow, requestId: string) => ({ by: { kind: 'user', id: user.id }, requestId })

export async function beginSecondFactor(ctx: RecoverContext, user: UserRow, current: string): Promise<Enrolment> {
  await refuseUnlessOwner(user, current)
  return ctx.db.transaction((tx) => ctx.secondFactors.begin(tx, user))
}

/** The first code sets it: the session that shows it goes on, all others must sign in with it. */
export async function confirmSecondFactor(
  ctx: RecoverContext,
  user: UserRow,
  code: string,
  own: { readonly sessionId: string | null; readonly requestId: string },
): Promise<readonly string[]> {
  const doer = byOwner(user, own.requestId)
  return ctx.db.transaction(async (tx) => {
    const codes = await ctx.secondFactors.confirm(tx, user.id, code)
    if (codes === null) throw codeWrong()
    await noteUser(ctx, tx, user.id, { type: 'SecondFactorSet', doer })
    if (own.sessionId !== null) await markSecondFactor(tx, own.sessionId)
    await dropSessions(ctx, tx, user.id, doer, own.sessionId)
    await ctx.tell(tx, user, { kind: 'second_factor_set' })
    return codes
  })
}

export async function renewRecoveryCodes(
  ctx: RecoverContext,
  user: UserRow,
  { current, code, requestId }: Shown,
): Promise<readonly string[]> {
  await refuseUnlessOwner(user, current)
  return ctx.db.transaction(async (tx) => {
    if ((await ctx.secondFactors.check(tx, user.id, code)) === null) throw codeWrong()
    await noteUser(ctx, tx, user.id, { type: 'RecoveryCodesRenewed', doer: byOwner(user, requestId) })
    return ctx.secondFactors.renewCodes(tx, user.id)
  })
}

/** A password that is long enough only beside a second factor has to be changed before. */
export async function removeSecondFactor(
  ctx: RecoverContext,
  user: UserRow,
  { current, code, requestId }: Shown,
): Promise<void> {
  await refuseUnlessOwner(user, current)
  if (!user.isPasswordLong)
    throw new AppError('conflict', 'your password is too short to stand alone: change it first', {
      problem: 'password_short',
    })
  await ctx.db.transaction(async (tx) => {
    if ((await ctx.secondFactors.check(tx, user.id, code)) === null) throw codeWrong()
    await ctx.secondFactors.remove(tx, user.id)
    await noteUser(ctx, tx, user.id, { type: 'SecondFactorRemoved', doer: byOwner(user, requestId) })
    await ctx.tell(tx, user, { kind: 'second_factor_removed' })
  })
}
