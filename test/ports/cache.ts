import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Cache } from '#platform/cache/port.ts'

export type OpenedCache = { readonly cache: Cache; readonly pass: (ms: number) => Promise<void> }

/** What every engine of the cache keeps to; `pass` lets time go by. */
export function cacheSuite(engine: string, open: (t: TestContext) => Promise<OpenedCache>): void {
  void test(`cache: ${engine}`, async (t) => {
    const { cache, pass } = await open(t)

    await t.test('what was written is read, and nothing else', async () => {
      assert.equal(await cache.read('none'), undefined)
      await cache.write('a', { n: 1, list: ['x', null] }, 60_000)
      assert.deepEqual(await cache.read('a'), { n: 1, list: ['x', null] })
      await cache.write('a', 'second', 60_000)
      assert.equal(await cache.read('a'), 'second')
    })
    await t.test('false, nought and null are values', async () => {
      for (const value of [false, 0, '', null]) {
        await cache.write('plain', value, 60_000)
        assert.equal(await cache.read('plain'), value)
      }
    })
    await t.test('an entry ends with its time, and a second write gives it a new one', async () => {
      await cache.write('short', 1, 1000)
      await cache.write('renewed', 1, 1000)
      await pass(600)
      await cache.write('renewed', 2, 1000)
      await pass(600)
      assert.equal(await cache.read('short'), undefined)
      assert.equal(await cache.read('renewed'), 2)
    })
    await t.test('what was removed is gone, and may be removed again', async () => {
      await cache.write('b', 1, 60_000)
      await cache.remove('b')
      await cache.remove('b')
      assert.equal(await cache.read('b'), undefined)
    })
  })
}
