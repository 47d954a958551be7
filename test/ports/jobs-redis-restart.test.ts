import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBullMq } from '#platform/jobs/bullmq.ts'
import { engineUrl } from '../support/engines.ts'
import { silentLog } from '../support/fakes.ts'
import { ownRedis } from '../support/own-redis.ts'
import { quickRetries, until } from './jobs.ts'

const { absent } = engineUrl('REDIS_URL')

test('bullmq: jobs outlive a Redis that is killed and comes back', { skip: absent, timeout: 60_000 }, async (t) => {
  const redis = await ownRedis(t, ['--appendonly', 'yes'])
  const open = () =>
    openBullMq({ url: redis.url, prefix: 'restart', log: silentLog, retries: quickRetries, stopTimeoutMs: 500 })
  const one = await open()
  for (const id of ['a', 'b', 'c']) await one.send('later', { id }, { id })
  await redis.kill()
  const began = performance.now()
  await assert.rejects(one.send('later', { id: 'd' }, { id: 'd' }))
  const took = performance.now() - began
  assert.ok(took < 2000, `sending failed after ${took} ms`)
  await redis.restart()
  const done: string[] = []
  const two = await open()
  await two.work('later', (input) => Promise.resolve(void done.push(String(input['id']))))
  await until('the three jobs', () => (done.length === 3 ? true : undefined))
  assert.deepEqual(done.toSorted(), ['a', 'b', 'c'])
  // Who was connected before sends again without being opened anew.
  await until('a job after the restart', async () => {
    const sent = await one.send('later', { id: 'e' }, { id: 'e' }).then(
      () => true,
      () => false,
    )
    return sent ? true : undefined
  })
  await until('it is done', () => (done.includes('e') ? true : undefined))
  await redis.kill()
  // The queues' own timers would keep this process, were they not ended.
  const closing = performance.now()
  await Promise.all([one.close(), two.close()])
  assert.ok(performance.now() - closing < 2000, 'closing does not wait for a Redis that is gone')
})
