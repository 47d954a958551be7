import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { openBullMq } from '#platform/jobs/bullmq.ts'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import type { Jobs, Retries } from '#platform/jobs/port.ts'
import { openRabbitMq } from '#platform/jobs/rabbitmq.ts'
import { testDatabase } from '../support/database.ts'
import { engineUrl } from '../support/engines.ts'
import { silentLog } from '../support/fakes.ts'
import { removeQueues } from '../support/rabbit-queues.ts'
import { until } from './jobs.ts'

const retries: Retries = { attempts: 4, firstWaitMs: 1000, longestWaitMs: 60_000 }
const log = silentLog

/** When each try of one job that always fails began. */
async function triesOf(t: TestContext, jobs: Jobs): Promise<number[]> {
  t.after(() => jobs.close())
  const tries: number[] = []
  await jobs.work('waits', () => {
    tries.push(Date.now())
    return Promise.reject(new Error('never'))
  })
  await jobs.send('waits', {})
  await until('all tries', () => (tries.length === retries.attempts ? true : undefined))
  return tries
}

/** Waits between tries, each within its part of the whole; `slackMs` is what an engine takes to look. */
function grow(tries: readonly number[], parts: readonly [number, number], slackMs: number): void {
  for (const [n, whole] of [1000, 2000, 4000].entries()) {
    const wait = tries[n + 1]! - tries[n]!
    assert.ok(wait >= whole * parts[0] - 20 && wait <= whole * parts[1] + slackMs, `wait ${n + 1} was ${wait} ms`)
  }
}

const redis = engineUrl('REDIS_URL')
const rabbit = engineUrl('RABBIT_URL')

test('bullmq: waits double, with its chance over their upper half', { skip: redis.absent }, async (t) => {
  const prefix = `test-${randomUUID()}`
  grow(
    await triesOf(t, await openBullMq({ url: redis.url, prefix, log, retries, random: () => 0.5 })),
    [0.75, 0.75],
    500,
  )
})

test('rabbitmq: waits double, with its chance over all of them', { skip: rabbit.absent }, async (t) => {
  const db = await testDatabase(t)
  const prefix = `test-${randomUUID()}`
  grow(
    await triesOf(t, await openRabbitMq({ url: rabbit.url, prefix, db, log, retries, random: () => 0.25 })),
    [0.25, 0.28],
    500,
  )
  t.after(() => removeQueues(rabbit.url, prefix, ['waits']))
})

test('pg-boss: waits grow, and those who failed together do not come back together', async (t) => {
  const { connectionString, owner } = await testDatabase(t)
  const long: Retries = { attempts: 4, firstWaitMs: 60_000, longestWaitMs: 3_600_000 }
  const jobs = await openPgBoss({ connectionString, log, pollSeconds: 0.5, retries: long })
  t.after(() => jobs.close())
  const count = 20
  let failed = 0
  for (let n = 0; n < count; n++) await jobs.send('waits', {})
  await jobs.work('waits', () => {
    failed += 1
    return Promise.reject(new Error('never'))
  })
  const waits = async (retry: number) => {
    await until(`failure ${retry + 1} of all`, () => (failed >= count * (retry + 1) ? true : undefined))
    return until('all waits', async () => {
      const rows = await owner.query<{ wait: number }>(
        `select extract(epoch from start_after - started_on)::float8 as wait from pgboss.job
         where name = 'waits' and state = 'retry' and retry_count = $1`,
        [retry],
      )
      return rows.length === count ? rows.map(({ wait }) => wait).toSorted((a, b) => a - b) : undefined
    })
  }
  const first = await waits(0)
  const whole = first.at(-1)! > 65 ? 120 : 60
  assert.ok(first[0]! >= whole / 2 - 1 && first.at(-1)! <= whole + 2, `${first[0]} to ${first.at(-1)} s`)
  assert.ok(first.at(-1)! - first[0]! > whole / 4, 'they are spread')
  await owner.query("update pgboss.job set start_after = now() where name = 'waits'")
  const second = await waits(1)
  const middle = (sorted: readonly number[]) => sorted[count / 2]!
  assert.ok(middle(second) > middle(first) * 1.5, `${middle(first)} s, then ${middle(second)} s`)
})
