import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '../support/database.ts'
import { engineUrl } from '../support/engines.ts'
import { removeQueues } from '../support/rabbit-queues.ts'
import { until } from './jobs.ts'

const { url, absent } = engineUrl('REDIS_URL')
const rabbit = engineUrl('RABBIT_URL')
const script = join(import.meta.dirname, '..', 'support', 'jobs-process.ts')

/** Ends a process that a test started, and waits for it. */
function endWith(t: TestContext, child: ChildProcess): void {
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
}

/** Two processes of their own with one schedule; the ids of the jobs that they ran, as they come. */
async function twoProcesses(t: TestContext, ...words: string[]): Promise<string[]> {
  const runs: string[] = []
  let ready = 0
  for (let n = 0; n < 2; n++) {
    const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    endWith(t, child)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.trim().split('\n'))
        if (line === 'ready') ready += 1
        else runs.push(line)
    })
  }
  await until('two processes', () => (ready === 2 ? true : undefined))
  return runs
}

test('bullmq: a schedule of two processes fires once each time', { skip: absent }, async (t) => {
  const { connectionString } = await testDatabase(t)
  const runs = await twoProcesses(t, 'bullmq', url, `test-${randomUUID()}`, connectionString, '*/2 * * * * *')
  await until('four runs', () => (runs.length >= 4 ? true : undefined))
  const instants = runs.map((id) => Number(id.split(':').at(-1)))
  assert.equal(new Set(instants).size, instants.length, `no instant twice: ${runs.join(', ')}`)
  assert.ok(instants.every((instant) => instant % 2000 === 0))
})

test('rabbitmq: a schedule of two processes fires once each time', { skip: rabbit.absent }, async (t) => {
  const { connectionString, owner } = await testDatabase(t)
  const prefix = `test-${randomUUID()}`
  const runs = await twoProcesses(t, 'rabbitmq', rabbit.url, prefix, connectionString, '*/2 * * * * *')
  t.after(() => removeQueues(rabbit.url, prefix, ['tick']))
  const began = Date.now()
  await until('four runs', () => (runs.length >= 4 ? true : undefined))
  assert.equal(new Set(runs).size, runs.length, `no job twice: ${runs.join(', ')}`)
  const instants = Math.floor((Date.now() - began) / 2000) + 2
  assert.ok(runs.length <= instants, `${runs.length} runs where ${instants} were due`)
  const [row] = await owner.query<{ jobs: number }>('select count(*) as jobs from queued_jobs')
  assert.ok(row!.jobs <= instants + 1, `${row!.jobs} jobs where ${instants} were due`)
})

test('pg-boss: a schedule of two processes fires once each time', { timeout: 180_000 }, async (t) => {
  const { connectionString } = await testDatabase(t)
  const runs = await twoProcesses(t, 'pg-boss', '', '', connectionString, '* * * * *')
  // It counts in minutes, and looks at the clock twice in each.
  for (const end = Date.now() + 120_000; runs.length === 0 && Date.now() < end;) await sleep(200)
  await sleep(15_000)
  assert.equal(runs.length, 1)
})
