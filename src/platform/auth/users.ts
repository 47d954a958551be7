import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Database, Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import { hashPassword, isLongPassword } from './passwords.ts'
import { endSessionsOf } from './session-store.ts'
import { deleteUser, insertUser, readUser, updateUser, type UserRow } from './store.ts'

export type UserContext = { readonly db: Database; readonly events: EventLog; readonly now: () => number }
type WriteContext = Pick<UserContext, 'events' | 'now'>

/** Who does it, for the log: an id, never a name. */
export type Doer = { readonly by: { readonly kind: string; readonly id: string }; readonly requestId: string }

type NewUser = Pick<
  UserRow,
  'email' | 'name' | 'role' | 'hubIds' | 'clientIds' | 'isDemo' | 'passwordHash' | 'isPasswordLong'
>
export type UserChange = Partial<
  Pick<UserRow, 'name' | 'role' | 'isActive' | 'hubIds' | 'clientIds' | 'passwordHash' | 'isPasswordLong'>
>

/** Adds a user, within the caller's transaction; null when the address is taken. The log gets no name and no address. */
export async function recordUser(
  ctx: WriteContext,
  tx: Transaction,
  user: NewUser,
  doer: Doer,
): Promise<string | null> {
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const id = uuidv7(nowMs)
  if (!(await insertUser(tx, { ...user, id, isActive: true, createdAt: at }))) return null
  const data = { ...doer, role: user.role, hubIds: user.hubIds, clientIds: user.clientIds }
  await ctx.events.append(tx, [{ stream: `user-${id}`, version: 1, type: 'UserCreated', data }], at)
  return id
}

/** Adds a user with this password in a transaction of its own; null when the address is taken. */
export async function createUser(
  ctx: UserContext,
  user: Omit<NewUser, 'passwordHash' | 'isPasswordLong'> & { readonly password: string },
  by: Doer['by'],
  requestId: string,
): Promise<string | null> {
  const { password, ...rest } = user
  const secret = { passwordHash: await hashPassword(password), isPasswordLong: isLongPassword(password) }
  return ctx.db.transaction((tx) => recordUser(ctx, tx, { ...rest, ...secret }, { by, requestId }))
}

/** The user as it is, locked. Throws when there is none, or when it is no longer at the version that was seen. */
async function lockUser(tx: Transaction, id: string, ifVersion: number): Promise<UserRow> {
  const user = await readUser(tx, id, true)
  if (user === null) throw new AppError('not_found', `no such user: ${id}`, { problem: 'user_unknown' })
  if (user.version !== ifVersion) {
    throw new AppError('precondition_failed', `the user is at version ${user.version}, you saw ${ifVersion}`, {
      problem: 'version_stale',
      etag: `"${user.version}"`,
    })
  }
  return user
}

function refuseOwn(id: string, doer: Doer): void {
  if (id !== doer.by.id) return
  throw new AppError('conflict', 'you cannot take your own rights: ask another administrator', {
    problem: 'own_rights',
  })
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id))
}

function hasOtherRights(before: UserRow, after: UserRow): boolean {
  return (
    before.role !== after.role ||
    before.isActive !== after.isActive ||
    before.passwordHash !== after.passwordHash ||
    !isSameSet(before.hubIds, after.hubIds) ||
    !isSameSet(before.clientIds, after.clientIds)
  )
}

/** Changes a user. Other rights or another password end the live sessions; a new name does not. */
export async function changeUser(
  ctx: WriteContext,
  tx: Transaction,
  seen: { readonly id: string; readonly ifVersion: number },
  change: UserChange,
  doer: Doer,
): Promise<void> {
  const at = new Date(ctx.now())
  const before = await lockUser(tx, seen.id, seen.ifVersion)
  const after: UserRow = { ...before, ...change, version: before.version + 1, updatedAt: at }
  if (!after.isActive || after.role !== before.role) refuseOwn(seen.id, doer)
  const endsSessions = hasOtherRights(before, after)
  await updateUser(tx, { ...after, tokenEpoch: before.tokenEpoch + (endsSessions ? 1 : 0) })
  if (endsSessions) await endSessionsOf(tx, seen.id, at)
  const data = {
    ...doer,
    fields: Object.keys(change)
      .filter((field) => field !== 'isPasswordLong')
      .map((field) => (field === 'passwordHash' ? 'password' : field)),
    role: after.role,
    isActive: after.isActive,
    hubIds: after.hubIds,
    clientIds: after.clientIds,
  }
  await ctx.events.append(tx, [{ stream: `user-${seen.id}`, version: after.version, type: 'UserChanged', data }], at)
}

/** Removes a user with name, address and sessions. What the person did stays in the log under the id alone. */
export async function removeUser(
  ctx: WriteContext,
  tx: Transaction,
  seen: { readonly id: string; readonly ifVersion: number },
  doer: Doer,
): Promise<void> {
  const user = await lockUser(tx, seen.id, seen.ifVersion)
  refuseOwn(seen.id, doer)
  await deleteUser(tx, seen.id)
  await ctx.events.append(
    tx,
    [{ stream: `user-${seen.id}`, version: user.version + 1, type: 'UserRemoved', data: doer }],
    new Date(ctx.now()),
  )
}

/**
 * Tells the log what happened to a login, within the caller's transaction. `change` goes to the row; every note is a
 * new version of it. Answers the row as it was, locked; throws when there is none.
 */
export async function noteUser(
  ctx: WriteContext,
  tx: Transaction,
  userId: string,
  note: {
    readonly type: string
    readonly doer: Doer
    readonly data?: Readonly<Record<string, unknown>>
    readonly change?: Partial<Pick<UserRow, 'passwordHash' | 'isPasswordLong' | 'tokenEpoch'>>
  },
): Promise<UserRow> {
  const at = new Date(ctx.now())
  const before = await readUser(tx, userId, true)
  if (before === null) throw new AppError('not_found', `no such user: ${userId}`, { problem: 'user_unknown' })
  const version = before.version + 1
  await updateUser(tx, { ...before, ...note.change, version, updatedAt: at })
  const data = { ...note.doer, ...note.data }
  await ctx.events.append(tx, [{ stream: `user-${userId}`, version, type: note.type, data }], at)
  return before
}

/** Ends all sessions of a user but the one to be kept, and every token that was given out for them. */
export async function dropSessions(
  ctx: WriteContext,
  tx: Transaction,
  userId: string,
  doer: Doer,
  kept: string | null,
): Promise<void> {
  const at = new Date(ctx.now())
  const ended = await endSessionsOf(tx, userId, at, kept)
  await ctx.events.append(
    tx,
    ended.map((id) => ({ stream: `session-${id}`, version: 2, type: 'SignedOut', data: { ...doer } })),
    at,
  )
}
