import type { Database } from '#platform/db/port.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { wordLetter } from './letters.ts'
import type { Mail } from './port.ts'

type Sealing = {
  readonly seal: (plain: Uint8Array, context: string) => Buffer
  readonly open: (sealed: Uint8Array, context: string) => Buffer
}

const kind = 'mail'
const contextOf = (id: string, field: string) => `outbox|${id}|${field}`

/** Messages as rows of the outbox. Recipient and text are sealed: a link in them opens a login. */
export function openOutboxMail(settings: {
  readonly db: Database
  readonly sealing: Sealing
  readonly now: () => number
}): Mail {
  const { db, sealing, now } = settings
  return {
    engine: 'outbox',
    send: async (tx, messages) => {
      if (messages.length === 0) return
      const at = new Date(now())
      const rows = messages.map(({ to, letter, expiresAt }) => {
        const id = uuidv7(at.getTime())
        const seal = (text: string, field: string) =>
          sealing.seal(Buffer.from(text), contextOf(id, field)).toString('base64')
        return {
          id,
          to: seal(to, 'recipient'),
          body: JSON.stringify({ letter: letter.kind, sealed: seal(JSON.stringify(wordLetter(letter)), 'body') }),
          expiresAt,
        }
      })
      await tx.query(
        `insert into outbox (id, kind, recipient_sealed, body, created_at, next_attempt_at, expires_at)
         select id, $5, recipient, body::json, $6, $6, expires_at
         from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as m (id, recipient, body, expires_at)`,
        [rows.map((r) => r.id), rows.map((r) => r.to), rows.map((r) => r.body), rows.map((r) => r.expiresAt), kind, at],
      )
    },
    waiting: async (limit) => {
      const rows = await db.query<{ id: string; recipient: string; body: { sealed: string }; expiresAt: Date }>(
        `select id, recipient_sealed as recipient, body, expires_at as "expiresAt" from outbox
         where kind = $1 and sent_at is null and next_attempt_at <= $2 and expires_at > $2
         order by created_at, id limit $3`,
        [kind, new Date(now()), limit],
      )
      return rows.map(({ id, recipient, body, expiresAt }) => {
        const open = (sealed: string, field: string) =>
          sealing.open(Buffer.from(sealed, 'base64'), contextOf(id, field)).toString()
        // Sealed by us, so of the shape that we gave it.
        const words = JSON.parse(open(body.sealed, 'body')) as { readonly subject: string; readonly text: string }
        return { id, to: open(recipient, 'recipient'), ...words, expiresAt }
      })
    },
  }
}

/** Removes messages that were sent, or that nobody could send in time. */
export async function forgetMail(db: Database, at: Date): Promise<void> {
  await db.query('delete from outbox where kind = $1 and (sent_at is not null or expires_at <= $2)', [kind, at])
}
