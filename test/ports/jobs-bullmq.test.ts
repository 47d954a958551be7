import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBullMq } from '#platform/jobs/bullmq.ts'
import type { Jobs } from '#platform/jobs/port.ts'
import { engineUrl } from '../support/engines.ts'
import { silentLog } from '../support/fakes.ts'
import { jobsSuite, quickRetries, until } from './jobs.ts'

const { url, absent } = engineUrl('REDIS_URL')

function opener(t: { after: (end: () => Promise<void>) => void }) {
  const prefix = `test-${randomUUID()}`
  const opened: Jobs[] = []
  t.after(async () => {
    for (const jobs of opened) await jobs.close().catch(() => undefined)
  })
  return async () => {
    const jobs = await openBullMq({ url, prefix, log: silentLog, retries: quickRetries })
    opened.push(jobs)
    return jobs
  }
}

jobsSuite('bullmq', (t) => Promise.resolve({ open: opener(t) }), absent)

test('bullmq: what two processes schedule runs once each time', { skip: absent }, async (t) => {
  const open = opener(t)
  const [one, two] = [await open(), await open()]
  const runs: number[] = []
  for (const jobs of [one, two]) {
    await jobs.schedule('tick', '* * * * * *')
    await jobs.work('tick', () => Promise.resolve(void runs.push(Date.now())))
  }
  await until('the first run', () => (runs.length > 0 ? true : undefined))
  await sleep(4000)
  assert.ok(runs.length >= 3 && runs.length <= 6, `${runs.length} runs in 4 s`)
})

test('bullmq: a Redis that is not there is told at the start', async () => {
  const nowhere = openBullMq({ url: 'redis://127.0.0.1:1', prefix: 'x', log: silentLog })
  await assert.rejects(nowhere, /could not be opened in Redis/)
})
