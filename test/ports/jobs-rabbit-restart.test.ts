import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRabbitMq } from '#platform/jobs/rabbitmq.ts'
import { testDatabase } from '../support/database.ts'
import { engineUrl } from '../support/engines.ts'
import { silentLog } from '../support/fakes.ts'
import { ownRabbit } from '../support/own-rabbit.ts'
import { quickRetries, until } from './jobs.ts'

const { absent } = engineUrl('RABBIT_URL')

const tookMs = async (work: Promise<unknown>) => {
  const began = performance.now()
  await work
  return performance.now() - began
}

test(
  'rabbitmq: jobs outlive a RabbitMQ that is killed and comes back',
  { skip: absent, timeout: 180_000 },
  async (t) => {
    const db = await testDatabase(t)
    const rabbit = await ownRabbit(t)
    const open = async (stopTimeoutMs = 500) => {
      const settings = {
        prefix: 'restart',
        db,
        log: silentLog,
        retries: quickRetries,
        random: () => 0.9,
        stopTimeoutMs,
      }
      const jobs = await openRabbitMq({ url: rabbit.url, ...settings })
      t.after(() => jobs.close())
      return jobs
    }
    const one = await open()
    const two = await open()
    const done: string[] = []
    const tried: string[] = []
    await two.work('later', (input) => Promise.resolve(void done.push(String(input['id']))))
    await two.work('shaky', (_input, id) => {
      tried.push(id)
      return tried.length === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve()
    })
    await until('a job before', async () => {
      await one.send('later', { id: 'before' }, { id: 'before' })
      return done.includes('before') ? true : undefined
    })
    // Nobody works on these yet; the failed one waits for its second try.
    for (const id of ['a', 'b', 'c']) await one.send('kept', { id }, { id })
    await one.send('shaky', {}, { id: 'shaky' })
    await until('the first try', () => (tried.length === 1 ? true : undefined))

    await t.test('sending fails at once while it is gone, with a word', async () => {
      await rabbit.kill()
      const took = await tookMs(
        assert.rejects(one.send('later', { id: 'd' }, { id: 'd' }), /could not be sent: RabbitMQ/),
      )
      assert.ok(took < 2000, `sending failed after ${took} ms`)
    })
    await t.test('what it was told is there when it is back, and the workers go on by themselves', async () => {
      await rabbit.restart()
      await until('the second try', () => (tried.length === 2 ? true : undefined))
      assert.equal(new Set(tried).size, 1, 'both tries are of one job')
      const kept: string[] = []
      await two.work('kept', (input) => Promise.resolve(void kept.push(String(input['id']))))
      await until('the three jobs', () => (kept.length === 3 ? true : undefined))
      assert.deepEqual(kept.toSorted(), ['a', 'b', 'c'])
      // The id whose sending failed is not taken for known.
      await until('a job after the restart', async () => {
        const sent = await one.send('later', { id: 'd' }, { id: 'd' }).then(
          () => true,
          () => false,
        )
        return sent ? true : undefined
      })
      await until('it is done', () => (done.includes('d') ? true : undefined))
      assert.deepEqual(done, ['before', 'd'])
    })
    await t.test('one that hangs is told within 4 s, and closing does not wait for it', async () => {
      const three = await open()
      rabbit.freeze()
      const took = await tookMs(assert.rejects(three.send('later', {}), /does not confirm/))
      assert.ok(took < 4000, `sending failed after ${took} ms`)
      const closing = await tookMs(three.close())
      assert.ok(closing < 3000, `closing took ${closing} ms`)
      rabbit.thaw()
    })
    await t.test('closing does not wait for one that is gone, nor for jobs that nobody can be told of', async () => {
      const four = await open(10_000)
      await four.work('endless', () => new Promise(() => undefined))
      await four.send('endless', {})
      await rabbit.kill()
      const took = await tookMs(Promise.all([one.close(), two.close(), four.close()]))
      assert.ok(took < 2000, `closing took ${took} ms`)
    })
  },
)
