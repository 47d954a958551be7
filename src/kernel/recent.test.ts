import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recent } from './recent.ts'

test('keeps the newest, for a while', () => {
  let ms = 0
  const kept = recent<number>(2, 100, () => ms)
  kept.set('a', 1)
  kept.set('b', 2)
  kept.set('a', 3)
  kept.set('c', 4)
  assert.deepEqual(['a', 'b', 'c'].map(kept.get), [3, undefined, 4])
  ms = 100
  assert.equal(kept.get('a'), 3)
  ms = 101
  assert.equal(kept.get('a'), undefined)
})
