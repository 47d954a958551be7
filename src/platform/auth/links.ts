import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Queryable, Transaction } from '../db/port.ts'
import { readUser, type UserRow } from './store.ts'

export type Purpose = 'invitation' | 'password_reset'

export const invitationDays = 7
export const resetMinutes = 60
const livesMs: Readonly<Record<Purpose, number>> = {
  invitation: invitationDays * 86_400_000,
  password_reset: resetMinutes * 60_000,
}
/** Who asks again so soon gets no second letter: nobody fills another's mailbox. */
const quietMs = 2 * 60_000

export type Link = { readonly url: string; readonly expiresAt: Date }
export type LinkHolder = { readonly user: UserRow; readonly purpose: Purpose }

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * A one-time link to choose a password. Earlier ones of this user end with it. What it carries stands behind the `#`,
 * so that no server and no log ever sees it in an address; only its hash is kept.
 */
export async function issueLink(
  tx: Transaction,
  link: { readonly userId: string; readonly purpose: Purpose; readonly baseUrl: string },
  nowMs: number,
): Promise<Link> {
  const token = `srl_${randomBytes(32).toString('base64url')}`
  const expiresAt = new Date(nowMs + livesMs[link.purpose])
  await tx.query('delete from one_time_links where user_id = $1 and used_at is null', [link.userId])
  await tx.query(
    'insert into one_time_links (token_hash, user_id, purpose, created_at, expires_at) values ($1, $2, $3, $4, $5)',
    [digest(token), link.userId, link.purpose, new Date(nowMs), expiresAt],
  )
  return { url: `${link.baseUrl}/password#${token}`, expiresAt }
}

export async function hasFreshLink(db: Queryable, userId: string, nowMs: number): Promise<boolean> {
  const rows = await db.query('select 1 from one_time_links where user_id = $1 and created_at > $2 limit 1', [
    userId,
    new Date(nowMs - quietMs),
  ])
  return rows.length > 0
}

/** Whose live link this is. Throws the same for one that is unknown, used, or too old. */
export async function readLink(db: Queryable, token: string, nowMs: number): Promise<LinkHolder> {
  const [row] = await db.query<{ userId: string; purpose: Purpose }>(
    `select user_id as "userId", purpose from one_time_links
     where token_hash = $1 and used_at is null and expires_at > $2`,
    [digest(token), new Date(nowMs)],
  )
  const user = row === undefined ? null : await readUser(db, row.userId)
  if (row === undefined || user === null || !user.isActive) throw linkRefused()
  return { user, purpose: row.purpose }
}

/** Uses it up: of several that use it at once, one does. */
export async function useLink(tx: Transaction, token: string, nowMs: number): Promise<void> {
  const rows = await tx.query(
    'update one_time_links set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2 returning user_id',
    [digest(token), new Date(nowMs)],
  )
  if (rows.length === 0) throw linkRefused()
}

export async function forgetLinks(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from one_time_links where expires_at < $1', [before])
}

function linkRefused(): AppError {
  return new AppError('unprocessable', 'this link was used, has expired, or was replaced by a newer one', {
    problem: 'link_refused',
  })
}
