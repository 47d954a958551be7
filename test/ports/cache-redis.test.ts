import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRedisCache } from '#platform/cache/redis.ts'
import { engineUrl } from '../support/engines.ts'
import { ownRedis } from '../support/own-redis.ts'
import { cacheSuite } from './cache.ts'

const { url, absent } = engineUrl('REDIS_URL')
const log = { warn: () => undefined }
const keep = { ttlMs: 60_000, tags: ['t'] }

if (absent === false) {
  cacheSuite('redis', async (t) => {
    const cache = await openRedisCache({ url, prefix: `test:${randomUUID()}:`, log })
    t.after(() => cache.close())
    return { cache, pass: sleep }
  })
}

test(
  'Redis that is gone, slow or flushed costs time alone, and nothing old comes back',
  { skip: absent },
  async (t) => {
    const redis = await ownRedis(t)
    const [one, two] = await Promise.all([1, 2].map(() => openRedisCache({ url: redis.url, prefix: 'x:', log })))
    t.after(() => Promise.all([one!.close(), two!.close()]))
    let source = 1
    const read = (cache: typeof one) => cache!.through('k', keep, () => Promise.resolve(source))

    await t.test('two processes share an entry, and the invalidation of one counts for both', async () => {
      assert.deepEqual([await read(one), await read(two)], [1, 1])
      source = 2
      assert.equal(await read(two), 1)
      await one!.removeTagged('t')
      assert.deepEqual([await read(two), await read(one)], [2, 2])
    })
    await t.test('flushed: the source is asked again', async () => {
      source = 3
      await redis.flush()
      assert.deepEqual([await read(one), await read(two)], [3, 3])
    })
    await t.test(
      'slow: nobody waits longer than half a second, and an invalidation of that time counts later',
      async () => {
        redis.freeze()
        const began = performance.now()
        source = 4
        await one!.removeTagged('t')
        assert.equal(await read(one), 4)
        for (let times = 0; times < 200; times++) assert.equal(await read(one), 4)
        const took = performance.now() - began
        redis.thaw()
        assert.ok(took < 500, `${took} ms for 200 answers`)
        await sleep(1500)
        assert.equal(await read(one), 4)
        assert.equal(await read(two), 4)
      },
    )
    await t.test('gone: answers come from the source, and it serves again when it is back', async () => {
      await redis.kill()
      source = 5
      await one!.removeTagged('t')
      assert.deepEqual([await read(one), await read(two)], [5, 5])
      await redis.restart()
      const end = Date.now() + 10_000
      for (let kept = false; !kept; await sleep(100)) {
        await read(one)
        source += 1
        kept = (await read(one)) !== source
        if (Date.now() > end) assert.fail('nothing is kept again')
      }
    })
  },
)
