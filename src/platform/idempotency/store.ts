import { AppError } from '#kernel/errors.ts'
import type { Database, Transaction } from '../db/port.ts'
import { answerStatements, recallAnswers } from './batch.ts'

export type OnceKey = {
  readonly caller: string
  readonly route: string
  readonly key: string
  readonly fingerprint: string
}
export type OnceAnswer<T> = { readonly status: number; readonly body: T; readonly resourceId?: string }

/**
 * Runs one write at most once for its key: the effect and the stored answer are one transaction. A repeat with the
 * same request gets the stored answer; with another request it is refused. A failure stores nothing. Of several that
 * come at once, those that the first one's effect makes impossible get its answer too.
 */
export async function answerOnce<T>(
  db: Database,
  key: OnceKey | null,
  at: Date,
  run: (tx: Transaction) => Promise<OnceAnswer<T>>,
): Promise<OnceAnswer<T> & { readonly isReplayed: boolean }> {
  if (key === null) return { ...(await db.transaction(run)), isReplayed: false }
  let failure: unknown
  for (let attempt = 1; ; attempt++) {
    const [stored] = await recallAnswers(db, [key])
    if (stored !== undefined) {
      if (stored.fingerprint !== key.fingerprint) {
        throw new AppError('unprocessable', 'this Idempotency-Key was used with another request; take a new key', {
          problem: 'idempotency_key_reused',
        })
      }
      return { status: stored.status, body: stored.answer as T, isReplayed: true }
    }
    if (failure !== undefined && !isKeyTaken(failure)) throw failure
    try {
      const answer = await db.transaction(async (tx) => {
        const made = await run(tx)
        const row = {
          ...key,
          status: made.status,
          answer: made.body,
          resourceId: made.resourceId ?? null,
          creates: made.status === 201,
        }
        await tx.run(answerStatements([row], at))
        return made
      })
      return { ...answer, isReplayed: false }
    } catch (error) {
      if (attempt >= 3) throw error
      failure = error
    }
  }
}

/** Another transaction stored an answer for the key after we had looked. */
export function isKeyTaken(error: unknown): boolean {
  return (error as { constraint?: string }).constraint === 'idempotency_keys_pkey'
}
