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
    await t.test('an invalidated tag ends what bears it, also what was read before and is written after', async () => {
      const early = await cache.mark(['hub-1'])
      const both = await cache.mark(['hub-1', 'hub-2'])
      await cache.write('one', 1, 60_000, early!)
      await cache.write('both', 2, 60_000, both!)
      await cache.write('other', 3, 60_000, (await cache.mark(['hub-2']))!)
      assert.deepEqual([await cache.read('one'), await cache.read('both'), await cache.read('other')], [1, 2, 3])
      await cache.removeTagged('hub-1')
      await cache.write('late', 4, 60_000, early!)
      const left = await Promise.all(['one', 'both', 'other', 'late'].map((key) => cache.read(key)))
      assert.deepEqual(left, [undefined, undefined, 3, undefined])
      await cache.write('one', 5, 60_000, (await cache.mark(['hub-1']))!)
      assert.equal(await cache.read('one'), 5)
    })
    await t.test('a hundred who ask at once cause one reading of the source', async () => {
      let loads = 0
      const load = async () => {
        await new Promise((done) => setTimeout(done, 30))
        return { load: (loads += 1) }
      }
      const keep = { ttlMs: 60_000, tags: ['crowd'] }
      const answers = await Promise.all(Array.from({ length: 100 }, () => cache.through('crowd', keep, load)))
      assert.deepEqual(new Set(answers.map((answer) => answer.load)), new Set([1]))
      assert.deepEqual(await cache.through('crowd', keep, load), { load: 1 })
      await cache.removeTagged('crowd')
      assert.deepEqual(await cache.through('crowd', keep, load), { load: 2 })
    })
    await t.test('who asks after an invalidation does not get what was being read before it', async () => {
      let value = 'old'
      const load = async () => {
        const read = value
        await new Promise((done) => setTimeout(done, 50))
        return read
      }
      const keep = { ttlMs: 60_000, tags: ['race'] }
      const before = cache.through('race', keep, load)
      await new Promise((done) => setTimeout(done, 20))
      value = 'new'
      await cache.removeTagged('race')
      assert.equal(await cache.through('race', keep, load), 'new')
      assert.equal(await before, 'old')
      assert.equal(await cache.through('race', keep, load), 'new')
    })
    await t.test(
      'a source that fails fails for those who asked and is asked again; what is not to be kept is not',
      async () => {
        let loads = 0
        const fail = () => Promise.reject(new Error(`no source ${(loads += 1)}`))
        await assert.rejects(cache.through('failing', { ttlMs: 60_000 }, fail), /no source 1/)
        await assert.rejects(cache.through('failing', { ttlMs: 60_000 }, fail), /no source 2/)
        const never = { ttlMs: 60_000, keeps: () => false }
        assert.equal(await cache.through('never', never, () => Promise.resolve(1)), 1)
        assert.equal(await cache.through('never', never, () => Promise.resolve(2)), 2)
      },
    )
  })
}
