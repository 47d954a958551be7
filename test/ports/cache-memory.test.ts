import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMemoryCache } from '#platform/cache/memory.ts'
import { cacheSuite } from './cache.ts'

cacheSuite('memory', (t) => {
  let ms = 1_000_000
  const cache = openMemoryCache({ entriesMax: 100, now: () => ms })
  t.after(() => cache.close())
  return Promise.resolve({
    cache,
    pass: (by) => {
      ms += by
      return Promise.resolve()
    },
  })
})

test('memory holds so many entries and no more; the one written longest ago goes', async () => {
  const cache = openMemoryCache({ entriesMax: 3, now: () => 0 })
  for (const key of ['a', 'b', 'c']) await cache.write(key, key, 1000)
  await cache.write('a', 'again', 1000)
  await cache.write('d', 'd', 1000)
  assert.deepEqual(await Promise.all(['a', 'b', 'c', 'd'].map((key) => cache.read(key))), [
    'again',
    undefined,
    'c',
    'd',
  ])
})
