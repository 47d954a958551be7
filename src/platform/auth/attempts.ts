import type { Database, Queryable, Transaction } from '../db/port.ts'

const failuresFree = 5
const delayMaxSeconds = 900

/** How long the next attempt has to wait after so many failures in a row: nothing at first, then doubling to 15 minutes. */
export function delaySeconds(failures: number): number {
  return failures < failuresFree ? 0 : Math.min(delayMaxSeconds, 2 ** Math.min(20, failures - failuresFree))
}

/** Failures in a row of what has no row in `users`: addresses of nobody, and known devices. The same in all processes. */
export type Attempts = {
  readonly waitMs: (key: string, nowMs: number) => Promise<number>
  readonly fail: (tx: Transaction, key: string, nowMs: number) => Promise<void>
  readonly forget: (key: string) => Promise<void>
}

export function openAttempts(db: Database): Attempts {
  return {
    waitMs: async (key, nowMs) => {
      const [row] = await db.query<{ until: Date | null }>('select until from sign_in_attempts where key = $1', [key])
      return Math.max(0, (row?.until?.getTime() ?? 0) - nowMs)
    },
    fail: async (tx, key, nowMs) => {
      // Counted by the database: guesses that are sent at once count each.
      const [row] = await tx.query<{ failures: number }>(
        `insert into sign_in_attempts as a (key, failures, at) values ($1, 1, $2)
         on conflict (key) do update set failures = a.failures + 1, at = excluded.at returning failures`,
        [key, new Date(nowMs)],
      )
      const delay = delaySeconds(row!.failures)
      if (delay === 0) return
      await tx.query('update sign_in_attempts set until = greatest(until, $2) where key = $1', [
        key,
        new Date(nowMs + delay * 1000),
      ])
    },
    forget: async (key) => void (await db.query('delete from sign_in_attempts where key = $1', [key])),
  }
}

export async function forgetAttempts(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from sign_in_attempts where at < $1', [before])
}
