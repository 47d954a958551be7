import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { coalesce } from './coalescer.ts'

/** A coalescer whose batches end when the test says so. */
function held(inFlightMax = 2, batchMax = 100) {
  const begun: { readonly items: readonly number[]; readonly end: (error?: Error) => void }[] = []
  const coalescer = coalesce(
    (items: readonly number[]) =>
      new Promise<readonly number[]>((resolve, reject) => {
        begun.push({ items, end: (error) => (error === undefined ? resolve(items) : reject(error)) })
      }),
    { batchMax, inFlightMax, queueMax: 1000 },
  )
  const ask = (from: number, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => coalescer.run(from + i)))
  return { begun, ask, sizes: () => begun.map(({ items }) => items.length) }
}

test('a lone command waits for nothing, those of one turn share a batch', async () => {
  const { begun, ask, sizes } = held()
  const one = ask(0, 1)
  await turn()
  const three = ask(1, 3)
  await turn()
  assert.deepEqual(sizes(), [1, 3])
  begun[0]!.end()
  begun[1]!.end()
  assert.deepEqual([await one, await three], [[0], [1, 2, 3]])
})

test('a second batch begins when it has half of what runs', async () => {
  const { begun, ask, sizes } = held()
  void ask(0, 10)
  await turn()
  void ask(10, 4)
  await turn()
  assert.deepEqual(sizes(), [10])
  void ask(14, 1)
  await turn()
  assert.deepEqual(sizes(), [10, 5])
  void ask(15, 20)
  await turn()
  assert.deepEqual(sizes(), [10, 5])
  begun[1]!.end()
  await turn()
  assert.deepEqual(sizes(), [10, 5, 20])
})

test('a rest lingers for those who were answered, and no longer', async () => {
  const { begun, ask, sizes } = held(1)
  const first = ask(0, 10)
  await turn()
  void ask(10, 2)
  begun[0]!.end()
  await first
  assert.deepEqual(sizes(), [10])
  void ask(12, 8)
  await turn()
  assert.deepEqual(sizes(), [10, 10])
  void ask(20, 2)
  begun[1]!.end()
  await sleep(20)
  assert.deepEqual(sizes(), [10, 10, 2])
})

test('no batch is larger than allowed, and one bad item harms nobody else', async () => {
  const { begun, ask, sizes } = held(2, 4)
  const all = ask(0, 6)
  await turn()
  assert.deepEqual(sizes(), [4, 2])
  begun[1]!.end()
  begun[0]!.end(new Error('no'))
  for (let i = 2; i < 6; i++) {
    await turn()
    begun[i]!.end()
  }
  assert.deepEqual(await all, [0, 1, 2, 3, 4, 5])
})
