import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '#services/returns/index.ts'
import { openTestApp, type Call, type TestApp } from '../support/app.ts'
import { command, givenClient, givenHub } from '../support/given.ts'

async function givenSandbox({ ctx }: TestApp): Promise<string> {
  const input = {
    code: 'sandbox',
    name: 'Sandbox',
    kind: 'sandbox',
    currency: 'INR',
    returnWindowDays: null,
    reviewAboveMinor: null,
  } as const
  return (await ctx.db.transaction((tx) => createClient(ctx, tx, command(input)))).id
}

async function givenKey(app: TestApp, admin: Call, body: object) {
  const made = await admin('POST', '/api/api-keys', {
    name: 'shop',
    scopes: ['returns:read', 'returns:create', 'clients:read'],
    ...body,
  })
  assert.equal(made.status, 201, made.text)
  const { key, id } = made.body as { key: string; id: string }
  const call: Call = (method, url, sent, headers = {}) =>
    app.call(method, url, sent, { authorization: `Bearer ${key}`, ...headers })
  return { id, key, call, body: made.body }
}

const unit = (clientId: string, ref: string) => ({
  clientId,
  clientRef: ref,
  title: 'Cotton kurta, blue',
  categoryId: 'fashion.apparel.ethnic',
  price: { amount: 79_900, currency: 'INR' },
  reasonCode: 'size_or_fit',
  pickupPincode: '560034',
})

test('a test key reaches its sandbox client and nothing else, and is worthless when that is one no more', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const [live, sandbox] = [await givenClient(ctx), await givenSandbox(app)]
  await givenHub(ctx)
  const admin = await app.as('admin')
  const refused = await admin('POST', '/api/api-keys', {
    name: 'x',
    clientId: live,
    environment: 'test',
    scopes: ['returns:read'],
  })
  assert.equal(refused.body.code, 'sandbox_needed')
  const real = await admin('POST', '/api/returns', unit(live, 'L-1'))
  assert.equal(real.status, 201, real.text)
  const { key, call } = await givenKey(app, admin, { clientId: sandbox, environment: 'test' })
  assert.match(key, /^sr_test_/)
  assert.equal((await call('POST', '/api/returns', unit(sandbox, 'S-1'))).status, 201)
  const other = await call('POST', '/api/returns', unit(live, 'S-2'))
  assert.ok(other.status >= 400 && other.status < 500, other.text)
  assert.equal((await call('GET', `/api/returns/${real.body.id}`)).status, 404)
  const seen = (await call('GET', '/api/returns')).body.data as { clientId: string }[]
  assert.deepEqual(
    seen.map(({ clientId }) => clientId),
    [sandbox],
  )
  const clients = (await call('GET', '/api/clients')).body.data as { id: string }[]
  assert.deepEqual(
    clients.map(({ id }) => id),
    [sandbox],
  )

  // The same secret under the other name is another key, and none.
  assert.equal(
    (
      await app.call('GET', '/api/returns', undefined, {
        authorization: `Bearer ${key.replace('sr_test_', 'sr_live_')}`,
      })
    ).status,
    401,
  )
  await ctx.db.query("update clients set kind = 'live' where id = $1", [sandbox])
  ctx.clock.ms += 1000
  assert.equal((await call('GET', '/api/returns')).body.code, 'api_key_invalid')
})

test('a key that is bound to hubs sees those of its client’s goods that they hold', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const clientId = await givenClient(ctx)
  const hubs = [await givenHub(ctx), await givenHub(ctx, { code: 'BLR-2', name: 'Whitefield' })]
  const admin = await app.as('admin')
  const made = await admin('POST', '/api/returns', unit(clientId, 'H-1'))
  assert.equal(made.status, 201, made.text)
  const { hubId } = (await admin('GET', `/api/returns/${made.body.id}`)).body as { hubId: string }
  const elsewhere = hubs.find(({ id }) => id !== hubId)!.id
  const mine = await givenKey(app, admin, { clientId, hubIds: [hubId] })
  const theirs = await givenKey(app, admin, { clientId, hubIds: [elsewhere] })
  assert.deepEqual(mine.body.hubIds, [hubId])
  assert.equal((await mine.call('GET', `/api/returns/${made.body.id}`)).status, 200)
  assert.equal((await theirs.call('GET', `/api/returns/${made.body.id}`)).status, 404)
  assert.equal(((await theirs.call('GET', '/api/returns')).body.data as unknown[]).length, 0)
  const next = await admin('POST', `/api/api-keys/${theirs.id}/rotate`, { overlapHours: 1 })
  assert.deepEqual(next.body.hubIds, [elsewhere], 'the key that follows is bound alike')
  assert.deepEqual((await theirs.call('GET', '/api/auth/me')).body.hubIds, [elsewhere])
})

test('the last use of a key is told, to the minute', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const admin = await app.as('admin')
  const { id, call } = await givenKey(app, admin, { clientId })
  const lastUsed = async () => {
    const { data } = (await admin('GET', '/api/api-keys')).body as { data: { id: string; lastUsedAt: string | null }[] }
    return data.find((key) => key.id === id)!.lastUsedAt
  }
  assert.equal(await lastUsed(), null)
  await call('GET', '/api/returns')
  const first = await lastUsed()
  assert.ok(first !== null)
  app.ctx.clock.ms += 61_000
  await call('GET', '/api/returns')
  assert.ok((await lastUsed())! > first)
})
