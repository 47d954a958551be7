import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestApp, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

test('the timeline names who did it to people, not to the key of a client', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const hub = await givenHub(app.ctx)
  const admin = await app.as('admin')
  const key = await app.asKey(clientId, ['returns:read', 'returns:create'])
  const submitted = await key('POST', '/api/returns', {
    clientRef: 'TIMELINE-1',
    title: 'Cotton kurta',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79900, currency: 'INR' },
    reasonCode: 'size_or_fit',
    pickupPincode: '560034',
  })
  const { id } = submitted.body
  assert.equal((await admin('POST', `/api/returns/${id}/receive`, { hubId: hub.id })).status, 200)
  const namesFor = async (call: Call) =>
    (await call('GET', `/api/returns/${id}/timeline`)).body.data.map((e: any) => [e.type, e.byName])
  const told = await namesFor(admin)
  assert.deepEqual(told[0], ['ReturnReceived', 'admin'])
  assert.deepEqual(told.at(-1), ['ReturnSubmitted', 'test'])
  assert.ok((await namesFor(key)).every(([, name]: [string, string | null]) => name === null))
})
