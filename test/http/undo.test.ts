import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyReplay } from '#flows/replay.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openTestApp, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

let refs = 0

/** A unit that was received and checked, with an owed refund to come. */
async function checked(
  desk: Call,
  call: Call,
  clientId: string,
  hubId: string,
): Promise<{ id: string; version: number }> {
  const unit = {
    clientId,
    clientRef: `U-${(refs += 1)}`,
    title: 'Cotton kurta',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79_900, currency: 'INR' },
    reasonCode: 'size_or_fit',
    pickupPincode: '560034',
  }
  const { id } = (await desk('POST', '/api/returns', unit)).body
  assert.equal((await call('POST', `/api/returns/${id}/receive`, { hubId })).status, 200)
  const rubric = (await call('GET', '/api/quality/rubrics/fashion.apparel.ethnic')).body
  const answers = Object.fromEntries(
    rubric.questions.filter((one: any) => one.required).map((one: any) => [one.id, one.answers[0].value]),
  )
  const check = await call('POST', '/api/quality/check', { returnId: id, answers })
  assert.equal(check.status, 201, check.text)
  return check.body
}

test('a planned decision is taken back whole', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const hub = await givenHub(app.ctx)
  const admin = await app.as('admin')
  const worker = await app.as('worker', [hub.id])
  const read = async (id: string) => (await admin('GET', `/api/returns/${id}`)).body

  await t.test('the unit waits for a decision again, and the refund is owed no more', async () => {
    const { id } = await checked(admin, worker, clientId, hub.id)
    const decided = await worker('POST', `/api/returns/${id}/disposition`, { locationCode: 'LOC-TOTE-3' })
    assert.equal(decided.status, 200, decided.text)
    const before = await read(id)
    assert.deepEqual(
      [before.stage, before.moneyState, before.refund.amount, before.locationCode, before.custody],
      ['disposition', 'due', 79_900, 'LOC-TOTE-3', 'in_location'],
    )
    const undone = await worker('POST', `/api/returns/${id}/disposition/undo`, {})
    assert.equal(undone.status, 200, undone.text)
    const after = await read(id)
    assert.deepEqual(
      [after.stage, after.disposition, after.moneyState, after.refund.amount, after.decidedAt],
      ['quality_check', null, 'previewed', 0, null],
    )
    assert.equal(after.dispositions[0].isCurrent, false)
    assert.deepEqual(after.ledger.map((tx: any) => tx.cause).toSorted(), ['refund_due', 'refund_withdrawn'])
    const again = await worker('POST', `/api/returns/${id}/disposition`, {})
    assert.equal(again.status, 200, again.text)
    assert.equal((await read(id)).refund.amount, 79_900)
  })

  await t.test('the same key takes back once', async () => {
    const { id } = await checked(admin, worker, clientId, hub.id)
    await worker('POST', `/api/returns/${id}/disposition`, {})
    const undo = () => worker('POST', `/api/returns/${id}/disposition/undo`, {}, { 'idempotency-key': `undo-${id}` })
    const [first, second] = [await undo(), await undo()]
    assert.deepEqual([first.status, second.status], [200, 200])
    assert.equal(second.headers['idempotent-replayed'], 'true')
    const timeline = (await admin('GET', `/api/returns/${id}/timeline`)).body.data
    assert.equal(timeline.filter((one: any) => one.type === 'DecisionWithdrawn').length, 1)
    assert.ok(timeline.find((one: any) => one.type === 'DecisionWithdrawn').by)
  })

  await t.test("nobody takes back another's decision unseen, a decision under way, or none", async () => {
    const { id } = await checked(admin, worker, clientId, hub.id)
    const path = `/api/returns/${id}/disposition/undo`
    assert.equal((await worker('POST', path, {})).body.code, 'not_decided')
    const decided = (await worker('POST', `/api/returns/${id}/disposition`, {})).body
    const colleague = await app.as('worker', [hub.id])
    assert.equal((await colleague('POST', path, {})).body.code, 'decided_by_other')
    const other = { dispositionId: '01920000-0000-7000-8000-000000000001' }
    assert.equal((await worker('POST', path, other)).body.code, 'disposition_superseded')
    assert.equal((await worker('POST', path, {}, { 'if-match': '"1"' })).status, 412)
    assert.equal((await colleague('POST', path, { dispositionId: decided.dispositionId })).status, 200)
    const second = (await worker('POST', `/api/returns/${id}/disposition`, {})).body
    await worker('PUT', `/api/dispositions/${second.dispositionId}`, { execution: 'in_progress' })
    assert.equal((await worker('POST', path, {})).body.code, 'disposition_in_progress')
  })

  await t.test('who may not decide may not take back either', async () => {
    const { id } = await checked(admin, worker, clientId, hub.id)
    await worker('POST', `/api/returns/${id}/disposition`, {})
    const analyst = await app.as('analyst')
    assert.equal((await analyst('POST', `/api/returns/${id}/disposition/undo`, {})).status, 403)
    const elsewhere = await givenHub(app.ctx, { code: 'DEL-9', pincode: '110001' })
    const stranger = await app.as('worker', [elsewhere.id])
    assert.equal((await stranger('POST', `/api/returns/${id}/disposition/undo`, {})).status, 404)
  })

  await t.test('replay rebuilds it, the ledger sums to nothing, no invariant is broken', async () => {
    assert.deepEqual((await verifyReplay(app.ctx)).differences, [])
    assert.deepEqual(await checkInvariants(app.ctx.db), [])
  })
})
