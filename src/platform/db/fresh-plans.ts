import type pg from 'pg'

/** When the kept plans of a connection are made anew, and how long they hold after that. */
const planAges = new WeakMap<pg.PoolClient, { dueMs: number; holdsMs: number }>()
const PLANS_HOLD_MS = 1_000
const PLANS_HOLD_MAX_MS = 60_000

/**
 * A plan is kept at most for about as long as the connection had lived when it was made: what was planned while a table was
 * empty takes any index for as good as another, and would walk all rows of a client for each row that is looked up.
 */
export async function freshenPlans(client: pg.PoolClient): Promise<void> {
  const nowMs = performance.now()
  const age = planAges.get(client)
  if (age !== undefined && nowMs < age.dueMs) return
  const holdsMs = age === undefined ? PLANS_HOLD_MS : Math.min(PLANS_HOLD_MAX_MS, age.holdsMs * 2)
  planAges.set(client, { dueMs: nowMs + holdsMs, holdsMs })
  if (age !== undefined) await client.query('discard plans')
}
