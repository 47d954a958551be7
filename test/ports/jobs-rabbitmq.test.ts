import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'amqplib'
import type { Jobs } from '#platform/jobs/port.ts'
import { openRabbitMq } from '#platform/jobs/rabbitmq.ts'
import { testDatabase } from '../support/database.ts'
import { engineUrl } from '../support/engines.ts'
import { silentLog } from '../support/fakes.ts'
import { removeQueues } from '../support/rabbit-queues.ts'
import { jobsSuite, quickRetries, until } from './jobs.ts'

const { url, absent } = engineUrl('RABBIT_URL')

async function opener(t: TestContext) {
  const db = await testDatabase(t)
  const prefix = `test-${randomUUID()}`
  const kinds = new Set<string>()
  const opened: Jobs[] = []
  const channel = async () => {
    const connection = await connect(url)
    t.after(() => connection.close())
    return connection.createChannel()
  }
  t.after(async () => {
    for (const jobs of opened) await jobs.close().catch(() => undefined)
    await removeQueues(url, prefix, kinds)
  })
  const open = async (): Promise<Jobs> => {
    const jobs = await openRabbitMq({ url, prefix, db, log: silentLog, retries: quickRetries, random: () => 0.9 })
    opened.push(jobs)
    return {
      ...jobs,
      work: (kind, handler) => {
        kinds.add(kind)
        return jobs.work(kind, handler)
      },
    }
  }
  return { db, open, channel, queueOf: (kind: string) => `${prefix}.jobs.${kind}` }
}

jobsSuite('rabbitmq', opener, absent)

test('rabbitmq: what two processes schedule runs once each time', { skip: absent }, async (t) => {
  const { open } = await opener(t)
  const [one, two] = [await open(), await open()]
  const runs: string[] = []
  for (const jobs of [one, two]) {
    await jobs.schedule('tick', '* * * * * *')
    await jobs.work('tick', (_input, id) => Promise.resolve(void runs.push(id)))
  }
  await until('the first run', () => (runs.length > 0 ? true : undefined))
  await sleep(4000)
  assert.ok(runs.length >= 3 && runs.length <= 6, `${runs.length} runs in 4 s`)
  assert.equal(new Set(runs).size, runs.length, 'each instant is one job')
})

test('rabbitmq: a job that the server lost is sent again, and its old copy is void', { skip: absent }, async (t) => {
  const { db, open, channel, queueOf } = await opener(t)
  const jobs = await open()
  const server = await channel()
  await jobs.send('lost', { n: 1 }, { id: 'lost' })
  const old = await server.get(queueOf('lost'), { noAck: true })
  assert.ok(old, 'the message was taken away')
  await jobs.send('lost', { n: 2 }, { id: 'lost' })
  assert.equal(await server.get(queueOf('lost'), { noAck: true }), false, 'it counts as known')

  await db.query("update queued_jobs set held_at = held_at - interval '1 hour'")
  await jobs.send('lost', { n: 3 }, { id: 'lost' })
  // The copy that was away comes back.
  server.sendToQueue(queueOf('lost'), old.content, { headers: old.properties.headers, persistent: true })
  const runs: unknown[] = []
  await jobs.work('lost', ({ n }) => Promise.resolve(void runs.push(n)))
  await until('the job', () => (runs.length > 0 ? true : undefined))
  await jobs.send('lost', { n: 4 }, { id: 'lost' })
  await sleep(500)
  assert.deepEqual(runs, [3])
})

test('rabbitmq: of twenty who send one id at once, one job is done', { skip: absent }, async (t) => {
  const { open } = await opener(t)
  const [one, two] = [await open(), await open()]
  const runs: string[] = []
  for (const jobs of [one, two]) await jobs.work('same', (_input, id) => Promise.resolve(void runs.push(id)))
  const sends = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).send('same', { n }, { id: 'same' }))
  const answers = await Promise.allSettled(sends)
  for (const answer of answers)
    if (answer.status === 'rejected') assert.match(String(answer.reason), /others sent the same one/)
  await until('the job', () => (runs.length > 0 ? true : undefined))
  await sleep(500)
  assert.equal(runs.length, 1)
})

test('rabbitmq: what is no job of ours is thrown away, and those behind it are done', { skip: absent }, async (t) => {
  const { open, channel, queueOf } = await opener(t)
  const jobs = await open()
  const runs: unknown[] = []
  await jobs.work('strange', ({ n }) => Promise.resolve(void runs.push(n)))
  const server = await channel()
  for (const [text, headers] of [
    ['{', { id: randomUUID(), token: randomUUID(), attempt: 1 }],
    ['{}', {}],
  ] as const)
    server.sendToQueue(queueOf('strange'), Buffer.from(text), { headers })
  await jobs.send('strange', { n: 1 })
  await until('the job', () => (runs.length > 0 ? true : undefined))
  assert.deepEqual(runs, [1])
})

test('rabbitmq: a server that is not there is told at the start', async (t) => {
  const db = await testDatabase(t)
  const nowhere = openRabbitMq({ url: 'amqp://127.0.0.1:1', prefix: 'x', db, log: silentLog })
  await assert.rejects(nowhere, /could not be opened in RabbitMQ/)
})
