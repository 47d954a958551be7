import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRedisBuckets } from '#platform/limits/redis.ts'
import { openTestApp, type TestApp } from '../support/app.ts'
import { engineUrl } from '../support/engines.ts'
import { ownRedis } from '../support/own-redis.ts'

const { absent } = engineUrl('REDIS_URL')
const guesses = 20

test(
  'row 17: limits of two servers on one Redis, which freezes: nobody is let in more, nobody waits',
  { skip: absent, timeout: 120_000 },
  async (t) => {
    const redis = await ownRedis(t)
    const openOne = async (): Promise<TestApp> => {
      const limits = await openRedisBuckets({
        url: redis.url,
        prefix: 'l:',
        now: Date.now,
        log: { warn: () => undefined },
      })
      t.after(() => limits.close())
      return openTestApp(t, { SMARTRETURNS_GUESSES_PER_MINUTE: String(guesses) }, null, {}, limits)
    }
    const [one, two] = [await openOne(), await openOne()]
    const me = [await one.as('admin'), await two.as('admin')]
    const guess = async ({ server }: TestApp, from: string) => {
      const began = performance.now()
      const { statusCode } = await server.inject({
        url: '/api/returns',
        remoteAddress: from,
        headers: { authorization: 'Bearer sr_live_AAAAAAAA_nobody' },
      })
      return { statusCode, ms: performance.now() - began }
    }
    const statuses = async (app: TestApp, from: string, count: number) => {
      const all: number[] = []
      for (let times = 0; times < count; times++) all.push((await guess(app, from)).statusCode)
      return all
    }

    await t.test('guesses at the one are counted at the other', async () => {
      assert.deepEqual(new Set(await statuses(one, '203.0.113.1', guesses)), new Set([401]))
      assert.deepEqual(new Set(await statuses(two, '203.0.113.1', 3)), new Set([429]))
      assert.deepEqual(await statuses(two, '203.0.113.2', 1), [401], 'another address is not')
      assert.equal((await me[1]!('GET', '/api/returns')).status, 200)
    })
    await t.test('frozen: each server counts for itself, and people sign in and work as before', async () => {
      redis.freeze()
      try {
        const times: number[] = []
        for (const app of [one, two]) {
          const seen: number[] = []
          for (let at = 0; at < guesses + 3; at++) {
            const { statusCode, ms } = await guess(app, '203.0.113.3')
            seen.push(statusCode)
            times.push(ms)
          }
          assert.deepEqual(seen, [...Array<number>(guesses).fill(401), 429, 429, 429])
          const login = { email: 'admin1@example.test', password: 'a pass phrase of the tests' }
          assert.equal((await app.call('POST', '/api/auth/login', login)).status, 200)
          assert.equal((await app.call('POST', '/api/auth/login', { ...login, password: 'a wrong one' })).status, 401)
        }
        const slowest = Math.max(...times)
        t.diagnostic(`slowest answer beside a frozen Redis: ${slowest.toFixed(0)} ms`)
        assert.ok(slowest < 150, `${slowest} ms`)
        for (const call of me) assert.equal((await call('GET', '/api/returns')).status, 200)
      } finally {
        redis.thaw()
      }
    })
    await t.test('thawed: they count together again', async () => {
      const until = Date.now() + 10_000
      for (let n = 10; ; n++) {
        await statuses(one, `203.0.113.${n}`, guesses)
        if ((await statuses(two, `203.0.113.${n}`, 1))[0] === 429) break
        assert.ok(Date.now() < until, 'never')
        await sleep(100)
      }
    })
  },
)
