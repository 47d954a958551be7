import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { BoardHub } from '#contracts/hub-board.ts'
import { changesBetween, type BoardView } from './board.ts'
import { countBack, lastDays } from './occupancy.ts'

const all = { hubIds: null, clientIds: null }

function view(
  hubs: Readonly<Record<string, number>>,
  mark = '0',
  clientIds: readonly string[] | null = null,
): BoardView {
  return {
    hubs: Object.entries(hubs).map(([id, used]) => ({
      hub: { id, code: id, used, capacity: 10 } as BoardHub,
      clientIds,
    })),
    unassignedMark: mark,
    asOf: '2026-11-20T06:00:00Z',
  }
}

test('who saw nothing is told all; who saw it is told what changed; where nothing did, nothing', () => {
  assert.equal(changesBetween(all, null, view({ a: 1, b: 2 }))?.isWhole, true)
  assert.equal(changesBetween(all, view({ a: 1 }), view({ a: 1 })), null)
  const changes = changesBetween(all, view({ a: 1, b: 2 }), view({ a: 1, b: 3, c: 0 }))
  assert.deepEqual([changes?.hubs.map(({ id }) => id), changes?.isWhole], [['b', 'c'], false])
  assert.deepEqual(changesBetween(all, view({ a: 1 }), view({ a: 1 }, '1'))?.hubs, [])
})

test('a hub that is gone makes the whole be told', () => {
  const changes = changesBetween(all, view({ a: 1, b: 2 }), view({ a: 1 }))
  assert.deepEqual([changes?.hubs.map(({ id }) => id), changes?.isWhole], [['a'], true])
})

test('nobody is told of a hub that is not theirs', () => {
  const atA = { hubIds: ['a'], clientIds: null }
  assert.equal(changesBetween(atA, view({ a: 1, b: 2 }), view({ a: 1, b: 3 })), null)
  const stranger = { hubIds: null, clientIds: ['other'] }
  assert.deepEqual(changesBetween(stranger, null, view({ a: 1 }, '0', ['mine']))?.hubs, [])
})

test('days are those of the clock of the hub', () => {
  const nowMs = Date.parse('2026-03-01T20:00:00Z')
  assert.deepEqual(lastDays(nowMs, 'Asia/Kolkata', 3), ['2026-02-28', '2026-03-01', '2026-03-02'])
  assert.deepEqual(lastDays(nowMs, 'UTC', 2), ['2026-02-28', '2026-03-01'])
})

test('counting back undoes counting on', () => {
  const day = fc.record({ entered: fc.nat(9), left: fc.nat(9), received: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(day, { minLength: 1, maxLength: 10 }), (moves) => {
      const dates = lastDays(Date.parse('2026-03-01T20:00:00Z'), 'UTC', moves.length)
      // Enough to begin with that no day ends below nothing.
      const ends = moves.reduce<number[]>(
        (sums, { entered, left }) => [...sums, (sums.at(-1) ?? 100) + entered - left],
        [],
      )
      const told = countBack(
        ends.at(-1)!,
        dates,
        moves.map((move, i) => ({ ...move, date: dates[i]! })),
      )
      assert.deepEqual(
        told.map(({ used }) => used),
        ends,
      )
    }),
  )
})
