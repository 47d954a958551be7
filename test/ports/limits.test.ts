import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openMemoryBuckets } from '#platform/limits/memory.ts'
import type { Buckets } from '#platform/limits/port.ts'
import { openRedisBuckets } from '#platform/limits/redis.ts'
import { engineUrl } from '../support/engines.ts'
import { ownRedis } from '../support/own-redis.ts'

const { url, absent } = engineUrl('REDIS_URL')
const log = { warn: () => undefined }
const newKey = () => `test-${randomUUID()}`

/** What every engine of the buckets keeps to. */
function bucketsSuite(engine: string, open: (t: TestContext) => Promise<Buckets>): void {
  void test(`limits: ${engine}`, async (t) => {
    const buckets = await open(t)
    await t.test('a minute of calls may come at once; what is refused takes nothing', async () => {
      const key = newKey()
      const left: number[] = []
      for (let times = 0; times < 7; times++) left.push(Math.floor(await buckets.take(key, 5)))
      assert.deepEqual(left, [4, 3, 2, 1, 0, -1, -1])
    })
    await t.test('they come back evenly, and never more than a minute of them', async () => {
      const key = newKey()
      for (let times = 0; times < 600; times++) await buckets.take(key, 600)
      await sleep(550)
      let taken = 0
      while ((await buckets.take(key, 600)) >= 0) taken += 1
      assert.ok(taken >= 4 && taken <= 30, `${taken} came back in about half a second`)
    })
    await t.test('callers do not share', async () => {
      const [one, two] = [newKey(), newKey()]
      assert.equal(await buckets.take(one, 1), 0)
      assert.ok((await buckets.take(one, 1)) < 0)
      assert.equal(await buckets.take(two, 1), 0)
    })
    await t.test('many at once get exactly what there is', async () => {
      const key = newKey()
      const left = await Promise.all(Array.from({ length: 50 }, async () => buckets.take(key, 10)))
      assert.equal(left.filter((each) => each >= 0).length, 10)
    })
  })
}

async function open(t: TestContext, at: string): Promise<Buckets> {
  const buckets = await openRedisBuckets({ url: at, prefix: 'test:limit:', now: Date.now, log })
  t.after(() => buckets.close())
  return buckets
}

bucketsSuite('memory', () => Promise.resolve(openMemoryBuckets(Date.now)))
if (absent === false) bucketsSuite('redis', (t) => open(t, url))

test('limits: two processes on one Redis give together what one would', { skip: absent }, async (t) => {
  const [one, two] = [await open(t, url), await open(t, url)]
  const key = newKey()
  const left = await Promise.all(Array.from({ length: 60 }, async (_, at) => (at % 2 === 0 ? one : two).take(key, 20)))
  assert.equal(left.filter((each) => each >= 0).length, 20)
})

test(
  'limits: Redis frozen, flushed or gone leaves one quota a process, in time, and heals',
  { skip: absent },
  async (t) => {
    const redis = await ownRedis(t)
    const [one, two] = [await open(t, redis.url), await open(t, redis.url)]
    const quota = 5
    /** How many of `count` calls get through, and the longest of them. */
    const spend = async (buckets: Buckets, key: string, count: number) => {
      let [through, longestMs] = [0, 0]
      for (let times = 0; times < count; times++) {
        const began = performance.now()
        if ((await buckets.take(key, quota)) >= 0) through += 1
        longestMs = Math.max(longestMs, performance.now() - began)
      }
      return { through, longestMs }
    }
    const isShared = async () => {
      const key = newKey()
      await spend(one, key, quota)
      return (await spend(two, key, 1)).through === 0
    }
    const heals = async () => {
      for (const until = Date.now() + 10_000; !(await isShared()); await sleep(100))
        assert.ok(Date.now() < until, 'it never heals')
    }

    await t.test('frozen', async () => {
      await heals()
      redis.freeze()
      const key = newKey()
      const [here, there] = [await spend(one, key, 20), await spend(two, key, 20)]
      redis.thaw()
      assert.deepEqual([here.through, there.through], [quota, quota])
      assert.ok(Math.max(here.longestMs, there.longestMs) < 100, `${here.longestMs} and ${there.longestMs} ms`)
      await heals()
    })
    await t.test('flushed: who has spent all here gets nothing new here', async () => {
      const key = newKey()
      await spend(one, key, quota)
      await redis.flush()
      assert.equal((await spend(one, key, 5)).through, 0)
      assert.equal(await isShared(), true)
    })
    await t.test('gone', async () => {
      await redis.kill()
      const key = newKey()
      const here = await spend(one, key, 20)
      assert.equal(here.through, quota)
      assert.ok(here.longestMs < 100, `${here.longestMs} ms`)
      await redis.restart()
      await heals()
    })
  },
)
