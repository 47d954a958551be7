import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BoardHub } from '../../../src/contracts/hub-board.ts'
import { alertsOf, levelOf, patched, shareOf } from './load.ts'
import { placeLabels, pointOf } from './map-places.ts'

function hub(code: string, more: Partial<BoardHub> = {}): BoardHub {
  return {
    id: code,
    code,
    name: code,
    status: 'active',
    lat: 0,
    lng: 0,
    timezone: 'Asia/Kolkata',
    capabilities: [],
    capacity: 100,
    used: 0,
    byStage: {},
    overdue: 0,
    overdueByStage: {},
    oldestDueAt: null,
    version: 1,
    ...more,
  }
}

test('a hub without places is full, and the levels begin where they say', () => {
  assert.equal(shareOf({ used: 0, capacity: 0 }), 1)
  assert.deepEqual([0.599, 0.6, 0.75, 0.899, 0.9, 1].map(levelOf), ['low', 'mid', 'high', 'high', 'full', 'full'])
})

test('alerts: what is full first, then what waits longest; a paused hub that is empty is none', () => {
  const hubs = [
    hub('A', { oldestDueAt: '2026-11-02T00:00:00Z', overdue: 2 }),
    hub('B', { used: 95, oldestDueAt: '2026-11-01T00:00:00Z', overdue: 1 }),
    hub('C', { status: 'paused', used: 100 }),
    hub('D', { status: 'paused' }),
    hub('E', { used: 100 }),
    hub('F', { used: 89 }),
  ]
  assert.deepEqual(
    alertsOf(hubs).map((alert) => `${alert.kind} ${alert.hub.code}`),
    ['over E', 'full B', 'late B', 'late A', 'paused C'],
  )
})

test('a message changes what it names, adds what is new in order, and takes away only as a whole', () => {
  const board = { hubs: [hub('A'), hub('C')], unassigned: { count: 0, units: [] }, asOf: '1' }
  const message = { isUnassignedChanged: false, asOf: '2' }
  const one = patched(board, { ...message, isWhole: false, hubs: [hub('C', { used: 7 }), hub('B')] })
  assert.deepEqual(
    one.hubs.map(({ code, used }) => [code, used]),
    [
      ['A', 0],
      ['B', 0],
      ['C', 7],
    ],
  )
  const whole = patched(one, { ...message, isWhole: true, hubs: [hub('B', { used: 1 })] })
  assert.deepEqual(
    whole.hubs.map(({ code, used }) => [code, used]),
    [['B', 1]],
  )
})

test('places lie where the map has them: Delhi in the north, Chennai in the south-east, Kutch in the west', () => {
  const [delhi, chennai, bhuj] = [
    pointOf({ lat: 28.61, lng: 77.21 }),
    pointOf({ lat: 13.08, lng: 80.27 }),
    pointOf({ lat: 23.24, lng: 69.67 }),
  ]
  assert.ok(delhi.y < bhuj.y && bhuj.y < chennai.y && bhuj.x < delhi.x && delhi.x < chennai.x)
  for (const { x, y } of [delhi, chennai, bhuj]) assert.ok(x > 0 && x < 612 && y > 0 && y < 696)
})

test('labels of neighbours do not lie on one another', () => {
  const mark = { radius: 10, text: 'BLR-2 71 %' }
  const labels = placeLabels([
    { ...mark, id: 'a', x: 200, y: 500 },
    { ...mark, id: 'b', x: 204, y: 512 },
    { ...mark, id: 'c', x: 600, y: 300 },
  ])
  const [a, b, c] = labels
  assert.ok(a!.x !== b!.x || Math.abs(a!.y - b!.y) >= 20)
  assert.ok(c!.x < 600, 'what would leave the map stands on the other side')
})
