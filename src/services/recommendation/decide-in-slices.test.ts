import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { categories, data, predictAll, unit } from '../../../test/support/decision.ts'
import { decideTraced } from './decide.ts'
import { decideInSlices } from './decide-in-slices.ts'
import { freshState } from './decision-state.ts'

const ids = [...categories.keys()]
const items = Array.from({ length: 100 }, (_, i) => unit({ id: `s${i}`, categoryId: ids[i % ids.length]! }))

describe('decisions in slices', () => {
  it('are those of the whole batch, in order', async () => {
    const batch = predictAll(items)
    for (const count of [0, 1, 8, 9, 100]) {
      const some = items.slice(0, count)
      const part = { ...batch, count, values: batch.values.subarray(0, (batch.values.length / 100) * count) }
      assert.deepEqual(
        await decideInSlices(some, part, data, categories, freshState),
        decideTraced(some, part, data, categories, freshState),
      )
    }
    assert.deepEqual(
      await decideInSlices(items, null, data, categories, freshState),
      decideTraced(items, null, data, categories, freshState),
    )
    await assert.rejects(decideInSlices(items.slice(1), batch, data, categories, freshState), /99 items but 100/)
  })

  it('let others have their turn in between', async () => {
    let turns = 0
    const work = { isDone: false }
    const beside = async () => {
      while (!work.isDone) {
        turns++
        await new Promise((next) => setImmediate(next))
      }
    }
    const other = beside()
    await decideInSlices(items, predictAll(items), data, categories, freshState)
    work.isDone = true
    await other
    assert.ok(turns >= 12, `${turns} turns`)
  })
})
