import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '../support/database.ts'
import { engineUrl } from '../support/engines.ts'
import { takeOnce } from '../support/job-effect.ts'
import { removeQueues } from '../support/rabbit-queues.ts'
import { openJobsAt, type JobsPlace } from '../support/jobs-open.ts'

const script = join(import.meta.dirname, '..', 'support', 'jobs-process.ts')
const runsAgainMs = 60_000
const engines = [
  { engine: 'pg-boss', url: '', absent: false },
  { engine: 'bullmq', ...engineUrl('REDIS_URL') },
  { engine: 'rabbitmq', ...engineUrl('RABBIT_URL') },
] as const

/** A process of its own that works and dies over its job; its end. */
async function worker(t: TestContext, place: JobsPlace, dies: string) {
  const words = [place.engine, place.address, place.prefix, place.database, dies]
  const child: ChildProcess = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines: string[] = []
  child.stdout!.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')))
  while (!lines.includes('ready')) await sleep(50)
  return { child, ended, lines }
}

/** One job whose worker dies over it, and a second worker: how long until it runs there, and what came of it. */
async function dieOver(t: TestContext, at: Omit<JobsPlace, 'prefix' | 'database'>, dies: 'mid_job' | 'before_ack') {
  const { connectionString: database, owner } = await testDatabase(t)
  await owner.query('create table crash_counts (deliveries integer, effects integer)')
  await owner.query('insert into crash_counts values (0, 0)')
  const place = { ...at, prefix: `test-${randomUUID()}`, database }
  const first = await worker(t, place, dies)
  const { jobs, db } = await openJobsAt(place)
  t.after(() => db.close())
  t.after(() => jobs.close())
  if (at.engine === 'rabbitmq') t.after(() => removeQueues(at.address, place.prefix, ['crash']))
  await jobs.send('crash', {}, { id: 'crash' })
  if (dies === 'mid_job') {
    while (!first.lines.some((line) => line !== 'ready')) await sleep(20)
    first.child.kill('SIGKILL')
  }
  await first.ended
  const began = Date.now()
  const runs: number[] = []
  await jobs.work('crash', async (_input, id) => {
    await takeOnce(db, id)
    runs.push(Date.now())
  })
  while (runs.length === 0 && Date.now() - began < runsAgainMs * 1.5) await sleep(50)
  const [counts] = await owner.query<{ deliveries: number; effects: number }>('select * from crash_counts')
  return { tookMs: (runs[0] ?? Infinity) - began, counts }
}

// At once: two of the engines wait for silence.
test('a worker that is killed over a job', { timeout: 200_000, concurrency: true }, async (t) => {
  await Promise.all(
    engines.flatMap(({ engine, url, absent }) => [
      t.test(`${engine}: in its midst: it runs again within a minute`, { skip: absent }, async (s) => {
        const { tookMs, counts } = await dieOver(s, { engine, address: url }, 'mid_job')
        s.diagnostic(`again after ${tookMs} ms`)
        assert.ok(tookMs <= runsAgainMs, `it ran again after ${tookMs} ms`)
        assert.deepEqual(counts, { deliveries: 1, effects: 1 })
      }),
      t.test(
        `${engine}: after its effect, before it is told: the second run does nothing`,
        { skip: absent },
        async (s) => {
          const { tookMs, counts } = await dieOver(s, { engine, address: url }, 'before_ack')
          assert.ok(tookMs <= runsAgainMs, `it ran again after ${tookMs} ms`)
          assert.deepEqual(counts, { deliveries: 2, effects: 1 })
        },
      ),
    ]),
  )
})
