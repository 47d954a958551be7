import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plannedLoads, planMoves, type MovableUnit } from './plan-moves.ts'

const hubIds = ['a', 'b', 'c', 'd']

const candidate = fc.record({ hubId: fc.constantFrom(...hubIds), costMinor: fc.integer({ min: 0, max: 60_000 }) })
const unit = fc.record({
  hubId: fc.constantFrom(...hubIds),
  isReceived: fc.boolean(),
  candidates: fc.uniqueArray(candidate, { selector: ({ hubId }) => hubId, maxLength: 4 }),
})
const world = fc.record({
  units: fc.array(unit, { maxLength: 40 }),
  free: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 4, maxLength: 4 }),
  movesMax: fc.integer({ min: 0, max: 30 }),
  kept: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
})

function located(candidates: readonly { hubId: string; costMinor: number }[]): MovableUnit['located'] {
  const cheapestFirst = candidates.toSorted((a, b) => a.costMinor - b.costMinor)
  return {
    candidates: cheapestFirst.map((one) => ({
      ...one,
      code: one.hubId,
      distanceKm: one.costMinor / 100,
      waitDays: 0,
      minutesPerDay: 480,
      capabilities: [],
    })),
  }
}

test('any part of a plan keeps every limit, moves only who has not arrived, to who can take it, and saves what it says', () => {
  let moved = 0
  fc.assert(
    fc.property(world, ({ units: given, free: places, movesMax, kept }) => {
      const units = given.map(({ hubId, isReceived, candidates }, i) => ({
        id: `u${String(i).padStart(2, '0')}`,
        hubId,
        isReceived,
        located: located(candidates),
      }))
      const free = new Map(hubIds.map((id, i) => [id, places[i]!]))
      const before = JSON.stringify([...free])
      const moves = planMoves(units, free, movesMax)
      moved += moves.length
      assert.equal(JSON.stringify([...free]), before, 'what it was given is not changed')
      assert.ok(moves.length <= movesMax)
      assert.equal(new Set(moves.map((move) => move.unitId)).size, moves.length, 'a unit moves once')
      for (const move of moves) {
        const source = units.find(({ id }) => id === move.unitId)!
        assert.equal(source.isReceived, false)
        assert.equal(move.fromHubId, source.hubId)
        assert.notEqual(move.toHubId, move.fromHubId)
        const costOf = (hubId: string) => source.located.candidates.find((hub) => hub.hubId === hubId)?.costMinor
        const [from, to] = [costOf(move.fromHubId), costOf(move.toHubId)]
        assert.ok(from !== undefined && to !== undefined, 'only between hubs that can take it')
        assert.equal(move.savingMinor, from - to)
        assert.ok(move.savingMinor >= 1500)
      }
      for (const part of [moves, moves.filter((_, i) => kept[i])]) {
        for (const id of hubIds) {
          const arrivals = part.filter(({ toHubId }) => toHubId === id).length
          assert.ok(arrivals <= free.get(id)!, `${id} takes ${arrivals} with ${free.get(id)} places`)
        }
      }
    }),
    { numRuns: 400 },
  )
  assert.ok(moved > 100, 'the property is not empty')
})

test('who saves most goes first where places are few; the next cheapest is taken where it still saves', () => {
  const units = [
    { id: '1', hubId: 'a', isReceived: false, located: located([cost('a', 9000), cost('b', 4000), cost('c', 7000)]) },
    { id: '2', hubId: 'a', isReceived: false, located: located([cost('a', 9000), cost('b', 1000), cost('c', 8000)]) },
  ]
  const free = new Map([
    ['a', 0],
    ['b', 1],
    ['c', 5],
  ])
  assert.deepEqual(
    planMoves(units, free, 10).map(({ unitId, toHubId, savingMinor, passedOver }) => [
      unitId,
      toHubId,
      savingMinor,
      passedOver,
    ]),
    [
      ['2', 'b', 8000, 0],
      ['1', 'c', 2000, 1],
    ],
  )
})

test('a unit at a hub that takes none any more has no cost there, and is left to a person', () => {
  const units = [{ id: '1', hubId: 'paused', isReceived: false, located: located([cost('b', 10)]) }]
  assert.deepEqual(planMoves(units, new Map([['b', 5]]), 10), [])
})

test('loads tell each hub before and after', () => {
  const hub = {
    name: '',
    status: 'active',
    pincode: '',
    lat: 0,
    lng: 0,
    timezone: '',
    capabilities: [],
    minutesPerDay: 1,
    clientIds: null,
    isDemo: false,
    version: 1,
    createdAt: '',
    updatedAt: '',
  } as const
  const view = {
    hubs: [
      { ...hub, id: 'a', code: 'A', capacity: 10, usedCapacity: 9 },
      { ...hub, id: 'b', code: 'B', capacity: 0, usedCapacity: 0 },
      { ...hub, id: 'c', code: 'C', capacity: 4, usedCapacity: 0 },
    ],
    free: new Map(),
  }
  assert.deepEqual(
    plannedLoads(view, [{ fromHubId: 'a', toHubId: 'c' }]).map(({ code, before, after }) => [code, before, after]),
    [
      ['A', 0.9, 0.8],
      ['B', 1, 1],
      ['C', 0, 0.25],
    ],
  )
})

function cost(hubId: string, costMinor: number) {
  return { hubId, costMinor }
}
