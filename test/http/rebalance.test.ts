import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestApp, type TestApp } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

/** Units of Bengaluru that went to Delhi, the only hub of then; then one opens next door. */
async function world(app: TestApp, units: number, places: number) {
  const clientId = await givenClient(app.ctx)
  const far = await givenHub(app.ctx, { code: 'DEL-1', pincode: '110001', capacity: 100 })
  const admin = await app.as('admin')
  const items = Array.from({ length: units }, (_, i) => ({
    clientId,
    clientRef: `R-${i}`,
    title: 'Cotton kurta, blue',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79900, currency: 'INR' },
    reasonCode: 'size_or_fit',
    pickupPincode: '560034',
  }))
  const { results } = (await admin('POST', '/api/returns', { items })).body
  assert.ok(results.every((one: any) => one.value.hub.id === far.id))
  const near = await givenHub(app.ctx, { capacity: places })
  const plan = async () => (await admin('POST', '/api/hubs/rebalance')).body
  const used = async () => {
    const rows = await app.ctx.db.query<{ used: number }>(
      `select used_capacity as used from hub_capacity join hubs on id = hub_id order by code`,
    )
    return rows.map((row) => row.used)
  }
  return { admin, far, near, plan, used, ids: results.map((one: any) => one.value.id) as string[] }
}

const wanted = ({ returnId, version, fromHubId, toHubId }: any) => ({ returnId, version, fromHubId, toHubId })

test('a plan is made without writing, and committed whole, with an event a unit', async (t) => {
  const app = await openTestApp(t)
  const { admin, far, near, plan, used } = await world(app, 4, 3)
  const seqBefore = await app.ctx.events.head()
  const preview = await plan()
  assert.equal(preview.considered, 4)
  assert.equal(preview.moves.length, 3, 'as many as there are places')
  assert.ok(preview.moves.every((move: any) => move.savingMinor >= 1500 && move.extraKm < -1000))
  assert.equal(
    preview.savingMinor,
    preview.moves.reduce((sum: number, move: any) => sum + move.savingMinor, 0),
  )
  assert.deepEqual(preview.loads.map((one: any) => [one.code, one.before, one.after]).toSorted(), [
    ['BLR-1', 0, 1],
    ['DEL-1', 0.04, 0.01],
  ])
  assert.equal(await app.ctx.events.head(), seqBefore, 'a dry run writes nothing')
  assert.deepEqual(await used(), [0, 4])

  const moves = preview.moves.slice(0, 2).map(wanted)
  const body = { moves }
  const key = { 'idempotency-key': 'rebalance-1' }
  const done = await admin('POST', '/api/hubs/rebalance/commit', body, key)
  assert.equal(done.status, 200)
  assert.deepEqual(
    done.body.moved.map((one: any) => [one.id, one.hubId]),
    moves.map((move: any) => [move.returnId, near.id]),
  )
  assert.equal(done.body.savingMinor, preview.moves[0].savingMinor + preview.moves[1].savingMinor)
  assert.deepEqual(await used(), [2, 2])
  const events = await app.ctx.events.read(seqBefore, 100, ['HubAssigned'])
  assert.equal(events.length, 2)
  assert.deepEqual(
    events.map(({ stream, data }) => [stream, data.hubId, (data.by as any).kind, data.reason]),
    moves.map((move: any) => [`return-${move.returnId}`, near.id, 'user', 'moved from DEL-1 by a rebalance']),
  )

  const again = await admin('POST', '/api/hubs/rebalance/commit', body, key)
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.deepEqual(again.body, done.body)
  assert.deepEqual(await used(), [2, 2])
  const other = await admin('POST', '/api/hubs/rebalance/commit', { moves: moves.slice(0, 1) }, key)
  assert.equal(other.body.code, 'idempotency_key_reused')
  assert.ok((await plan()).moves.length === 1 && far.id !== near.id)
})

test('a plan that is out of date is refused whole, and names what changed', async (t) => {
  const app = await openTestApp(t)
  const { admin, far, near, plan, used } = await world(app, 4, 4)
  const { moves } = await plan()
  const lpnOf = (i: number) => moves[i].lpn
  await admin('POST', `/api/returns/${moves[1].returnId}/receive`, { hubId: far.id })
  await admin('DELETE', `/api/returns/${moves[2].returnId}`, undefined, { 'if-match': `"${moves[2].version}"` })
  const before = await app.ctx.events.head()
  const commit = (some: any[]) => admin('POST', '/api/hubs/rebalance/commit', { moves: some.map(wanted) })

  const refused = await commit(moves)
  assert.equal(refused.status, 409)
  assert.equal(refused.body.code, 'plan_out_of_date')
  assert.deepEqual(
    refused.body.errors.map((one: any) => [one.pointer, one.code]),
    [
      ['/moves/1', 'already_received'],
      ['/moves/2', 'already_cancelled'],
    ],
  )
  assert.ok(refused.body.errors[0].detail.includes(lpnOf(1)))
  assert.equal(await app.ctx.events.head(), before, 'nothing of it was done')

  await t.test('a full hub, one that takes none any more, a unit sent elsewhere, one named twice', async () => {
    const limit = (input: object, version: number) =>
      admin('PUT', `/api/hubs/${near.id}`, input, { 'if-match': `"${version}"` })
    assert.equal((await limit({ capacity: 1 }, 1)).status, 200)
    const full = await commit([moves[0], moves[3]])
    assert.deepEqual([full.status, full.body.errors[0].code], [409, 'hub_full'])
    assert.match(full.body.detail, /BLR-1 has no free place left/)
    assert.equal((await limit({ capacity: 4, status: 'paused' }, 2)).status, 200)
    assert.equal((await commit([moves[0]])).body.errors[0].code, 'hub_cannot_take')
    assert.equal((await limit({ status: 'active' }, 3)).status, 200)
    assert.equal((await commit([moves[0], moves[0]])).body.errors[0].code, 'named_twice')
    assert.equal((await commit([{ ...moves[0], toHubId: far.id }])).body.errors[0].code, 'same_hub')
    assert.equal((await commit([{ ...moves[0], version: 1 }])).body.errors[0].code, 'version_stale')
    await admin('POST', '/api/hubs/assign', { returnId: moves[0].returnId, hubId: near.id })
    assert.equal((await commit([moves[0]])).body.errors[0].code, 'hub_changed')
  })
  assert.equal((await commit([moves[3]])).status, 200)
  assert.deepEqual(await used(), [2, 1])
})

test('a manager moves units of the own hubs only; workers and analysts none', async (t) => {
  const app = await openTestApp(t)
  const { far, near, plan } = await world(app, 2, 2)
  const { moves } = await plan()
  const stranger = await app.as('manager', [near.id])
  assert.equal((await stranger('POST', '/api/hubs/rebalance')).body.considered, 0)
  const refused = await stranger('POST', '/api/hubs/rebalance/commit', { moves: moves.map(wanted) })
  assert.deepEqual([refused.status, refused.body.errors[0].code], [409, 'return_unknown'])
  for (const role of ['worker', 'analyst'] as const) {
    const call = await app.as(role, role === 'worker' ? [far.id] : [])
    assert.equal((await call('POST', '/api/hubs/rebalance/commit', { moves: moves.map(wanted) })).status, 403)
  }
  const own = await app.as('manager', [far.id])
  const done = await own('POST', '/api/hubs/rebalance/commit', { moves: moves.map(wanted) })
  assert.equal(done.body.moved?.length, 2)
  const empty = await own('POST', '/api/hubs/rebalance/commit', { moves: [] })
  assert.equal(empty.status, 400)
})

test('plans that are committed at the same moment never take more places than there are', async (t) => {
  const app = await openTestApp(t)
  const { admin, plan, used } = await world(app, 12, 6)
  const { moves } = await plan()
  assert.equal(moves.length, 6)
  const rest = await app.ctx.db.query<{ id: string; version: number }>(
    'select id, version from return_items where not (id = any($1::uuid[])) order by id',
    [moves.map((move: any) => move.returnId)],
  )
  const others = rest.map(({ id, version }) => ({ ...moves[0], returnId: id, version }))
  const answers = await Promise.all(
    [moves, others].map((some) => admin('POST', '/api/hubs/rebalance/commit', { moves: some.map(wanted) })),
  )
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  )
  assert.equal(answers.find(({ status }) => status === 409)!.body.errors[0].code, 'hub_full')
  assert.deepEqual(await used(), [6, 6])
})
