import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestApp, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

const unit = (clientRef: string, more: object = {}) => ({
  clientRef,
  title: 'Cotton kurta, blue',
  categoryId: 'fashion.apparel.ethnic',
  price: { amount: 79900, currency: 'INR' },
  reasonCode: 'size_or_fit',
  pickupPincode: '560034',
  ...more,
})

test('the board tells places, queues, what is late, and who has no hub, to whom it concerns', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const otherClient = await givenClient(app.ctx, 'other')
  const near = await givenHub(app.ctx, { capacity: 3 })
  const far = await givenHub(app.ctx, { code: 'DEL-1', pincode: '110001', capacity: 5, clientIds: [clientId] })
  const admin = await app.as('admin')
  const manager = await app.as('manager', [near.id])
  const submit = async (ref: string, more: object = {}) =>
    (await admin('POST', '/api/returns', unit(ref, { clientId, ...more }))).body
  const [first] = [await submit('B-1'), await submit('B-2'), await submit('B-3')]
  assert.equal((await admin('POST', `/api/returns/${first.id}/receive`, { hubId: near.id })).status, 200)
  const board = async (call: Call) => (await call('GET', '/api/hubs/board')).body

  await t.test('every hub with its queue', async () => {
    const { hubs, unassigned } = await board(admin)
    assert.deepEqual(
      hubs.map((hub: any) => [hub.code, hub.used, hub.capacity, hub.byStage, hub.overdue, hub.oldestDueAt]),
      [
        ['BLR-1', 3, 3, { hub_assigned: 2, received: 1 }, 0, null],
        ['DEL-1', 0, 5, {}, 0, null],
      ],
    )
    assert.deepEqual(unassigned, { count: 0, units: [] })
  })
  await t.test('what is past its due time', async () => {
    await app.ctx.db.query(`update processing_workflows set due_at = '2020-01-02T03:04:05Z' where stage = 'received'`)
    const [hub] = (await board(admin)).hubs
    assert.deepEqual([hub.overdue, hub.overdueByStage], [1, { received: 1 }])
    assert.equal(hub.oldestDueAt, '2020-01-02T03:04:05.000Z')
  })
  await t.test('who is bound to a hub sees that one alone', async () => {
    assert.deepEqual(
      (await board(manager)).hubs.map((hub: any) => hub.id),
      [near.id],
    )
  })
  await t.test(
    'a hub that serves other clients is not there for a key; units without a hub are those of its client',
    async () => {
      await admin('PUT', `/api/hubs/${far.id}`, { status: 'paused' }, { 'if-match': `"${far.version}"` })
      await submit('B-4')
      await submit('B-5', { clientId: otherClient })
      const all = await board(admin)
      assert.equal(all.unassigned.count, 2)
      assert.deepEqual(all.unassigned.units[0].reviewReasons, ['hub:no_capacity'])
      const key = await app.asKey(otherClient, ['hubs:read'])
      const own = await board(key)
      assert.deepEqual(
        own.hubs.map((hub: any) => hub.code),
        ['BLR-1'],
      )
      assert.equal(own.unassigned.count, 1)
    },
  )
  await t.test('places by day are counted back from now', async () => {
    await app.ctx.db.query(
      `update return_items set created_at = created_at - interval '3 days' where client_ref = 'B-2'`,
    )
    const { hubs } = (await admin('GET', `/api/hubs/occupancy?days=5&hubId=${near.id}`)).body
    assert.equal(hubs.length, 1)
    assert.deepEqual(
      hubs[0].days.map((day: any) => day.used),
      [0, 1, 1, 1, 3],
    )
    assert.deepEqual(
      hubs[0].days.map((day: any) => day.entered),
      [0, 1, 0, 0, 2],
    )
    assert.equal(hubs[0].days.at(-1).received, 1)
    assert.equal((await manager('GET', '/api/hubs/occupancy')).body.hubs.length, 1)
    assert.deepEqual((await manager('GET', `/api/hubs/occupancy?hubId=${far.id}`)).body.hubs, [])
    assert.equal((await manager('GET', '/api/hubs/occupancy?days=93')).status, 400)
  })
  await t.test('what was changed of a hub, by whom', async () => {
    const put = await manager('PUT', `/api/hubs/${near.id}`, { capacity: 4 }, { 'if-match': `"${near.version}"` })
    assert.equal(put.status, 200)
    const { data } = (await manager('GET', `/api/hubs/${near.id}/events`)).body
    assert.deepEqual(
      data.map(({ type, byName, changes }: any) => [type, byName, changes]),
      [
        ['HubUpdated', 'manager', [{ field: 'capacity', from: '3', to: '4' }]],
        ['HubCreated', null, []],
      ],
    )
    assert.equal((await manager('GET', `/api/hubs/${far.id}/events`)).status, 404)
  })
})
