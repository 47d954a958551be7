import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../../src/contracts/problem.ts'
import {
  answerOf,
  drain,
  localPhotoRef,
  type NeedsYou,
  type QueuePorts,
  type SendAnswer,
  type StationCommand,
  withFileIds,
} from './queue.ts'

const problem = (status: number, code: string): Problem => ({
  type: 'about:blank',
  title: code,
  status,
  detail: code,
  instance: '/',
  code,
  requestId: '',
})

const command = (deviceSeq: number, unitId: string, kind: StationCommand['kind'] = 'decide'): StationCommand => ({
  deviceSeq,
  idempotencyKey: `k${deviceSeq}`,
  userId: 'asha',
  unitId,
  lpn: `LP-${unitId}`,
  title: unitId,
  kind,
  method: 'POST',
  path: `/api/returns/${unitId}`,
  body: {},
  ifVersion: null,
  at: '2026-11-01T10:00:00.000Z',
})

/** A device and a server; `answers` speaks for the server, by key. */
function bench(waiting: StationCommand[], answers: (one: StationCommand) => SendAnswer) {
  const sent: string[] = []
  const settled: string[] = []
  const needs: NeedsYou[] = []
  const remove = (keys: readonly string[]) => {
    waiting = waiting.filter((one) => !keys.includes(one.idempotencyKey))
  }
  const ports: QueuePorts = {
    first: () => Promise.resolve(waiting[0] ?? null),
    ofUnit: (unitId) => Promise.resolve(waiting.filter((one) => one.unitId === unitId)),
    send: (one) => {
      sent.push(one.idempotencyKey)
      return Promise.resolve(answers(one))
    },
    settle: (one) => {
      settled.push(one.idempotencyKey)
      remove([one.idempotencyKey])
      return Promise.resolve()
    },
    setAside: (one) => {
      needs.push(one)
      remove(one.commands.map((each) => each.idempotencyKey))
      return Promise.resolve()
    },
  }
  return { ports, sent, settled, needs, left: () => waiting.map((one) => one.idempotencyKey) }
}

const done: SendAnswer = { kind: 'done', data: {}, isReplayed: false }

test('commands go in order, and a line that breaks keeps what was not answered, with its key', async () => {
  let isDown = false
  const all = [command(1, 'a'), command(2, 'a'), command(3, 'b')]
  const device = bench(all, (one) => {
    if (one.deviceSeq === 2 && !isDown) {
      isDown = true
      return answerOf(0, problem(0, 'unreachable'), null)
    }
    return done
  })
  assert.equal((await drain(device.ports)).why, 'unreachable')
  assert.deepEqual(device.left(), ['k2', 'k3'])
  assert.equal((await drain(device.ports)).why, 'empty')
  assert.deepEqual(device.sent, ['k1', 'k2', 'k2', 'k3'])
  assert.deepEqual(device.settled, ['k1', 'k2', 'k3'])
})

test('a refusal takes what waits behind it for the same unit along, and holds up nobody else', async () => {
  const all = [command(1, 'a', 'check'), command(2, 'b'), command(3, 'a'), command(4, 'c')]
  const device = bench(all, (one) =>
    one.deviceSeq === 1 ? answerOf(409, problem(409, 'already_checked'), null) : done,
  )
  assert.equal((await drain(device.ports)).why, 'empty')
  assert.deepEqual(device.settled, ['k2', 'k4'])
  assert.deepEqual(
    device.needs.map((one) => [one.unitId, one.problem.code, one.commands.map((each) => each.idempotencyKey)]),
    [['a', 'already_checked', ['k1', 'k3']]],
  )
  // Nothing is lost: every command is settled or with the worker.
  assert.equal(device.settled.length + device.needs.flatMap((one) => one.commands).length, all.length)
})

test('each answer is told apart: what is decided, what is not', () => {
  for (const status of [400, 403, 404, 409, 412, 422, 500])
    assert.equal(answerOf(status, problem(status, 'x'), null).kind, 'refused', String(status))
  for (const [status, why] of [
    [0, 'unreachable'],
    [401, 'signed_out'],
    [429, 'busy'],
    [502, 'busy'],
    [503, 'busy'],
  ] as const)
    assert.deepEqual(answerOf(status, problem(status, 'x'), 2), { kind: 'later', why, afterMs: 2000 })
  assert.equal(answerOf(409, problem(409, 'idempotency_key_in_progress'), 1).kind, 'later')
})

test('photos are named by the server once it has them', () => {
  const body = {
    returnId: 'a',
    photos: [
      { fileId: localPhotoRef('p1'), shot: 'front' },
      { fileId: 'f9', shot: 'back' },
    ],
  }
  assert.deepEqual(withFileIds(body, new Map([['p1', 'f1']])), {
    returnId: 'a',
    photos: [
      { fileId: 'f1', shot: 'front' },
      { fileId: 'f9', shot: 'back' },
    ],
  })
  assert.equal(withFileIds(null, new Map()), null)
})
