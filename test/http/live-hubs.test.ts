import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openTestApp, type Call, type TestApp } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

type Message = { readonly id: string; readonly data: any }

const unit = (clientId: string, clientRef: string) => ({
  clientId,
  clientRef,
  title: 'Cotton kurta, blue',
  categoryId: 'fashion.apparel.ethnic',
  price: { amount: 79900, currency: 'INR' },
  reasonCode: 'size_or_fit',
  pickupPincode: '560034',
})

async function tokenOf(app: TestApp, email: string): Promise<string> {
  const login = { email, password: 'a pass phrase of the tests' }
  return (await app.call('POST', '/api/auth/login', login)).body.accessToken
}

/** Listens; `next` waits for a message, `ended` for the end of the stream. */
async function listen(t: TestContext, url: string, token: string, headers: Record<string, string> = {}) {
  const stop = new AbortController()
  t.after(() => stop.abort())
  const response = await fetch(`${url}/api/live/hubs`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
    signal: stop.signal,
  })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  let isOver = false
  async function next(): Promise<Message | null> {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const lines = new Map(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => [line.split(': ')[0]!, line.slice(line.indexOf(': ') + 2)]),
        )
        text = text.slice(end + 2)
        if (lines.has('data')) return { id: lines.get('id')!, data: JSON.parse(lines.get('data')!) }
        continue
      }
      if (isOver) return null
      const { done, value } = await reader.read()
      if (done) isOver = true
      else text += value
    }
  }
  return { response, next, close: () => stop.abort() }
}

async function openLive(t: TestContext) {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const near = await givenHub(app.ctx)
  const far = await givenHub(app.ctx, { code: 'DEL-1', pincode: '110001' })
  const admin = await app.as('admin')
  const manager = await app.as('manager', [far.id])
  await app.server.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.server.address() as AddressInfo).port}`
  const tokens = {
    admin: await tokenOf(app, 'admin1@example.test'),
    manager: await tokenOf(app, 'manager2@example.test'),
  }
  return { app, clientId, near, far, admin, manager, url, tokens }
}

test('the board is live: what changed comes, to whom it concerns, and nothing is missed after a gap', async (t) => {
  const { clientId, near, far, admin, url, tokens } = await openLive(t)
  const all = await listen(t, url, tokens.admin)
  assert.equal(all.response.status, 200)
  assert.match(all.response.headers.get('content-type')!, /^text\/event-stream/)
  assert.equal(all.response.headers.get('cache-control'), 'no-store')
  assert.ok(all.response.headers.get('x-request-id') !== null)
  const own = await listen(t, url, tokens.manager)
  const codesOf = (message: Message | null) => message?.data.hubs.map((hub: any) => hub.code)

  const first = (await all.next())!
  assert.deepEqual([codesOf(first), first.data.isWhole], [['BLR-1', 'DEL-1'], true])
  assert.deepEqual(codesOf(await own.next()), ['DEL-1'])

  await admin('POST', '/api/returns', unit(clientId, 'L-1'))
  const second = (await all.next())!
  assert.deepEqual([codesOf(second), second.data.isWhole], [['BLR-1'], false])
  assert.deepEqual([second.data.hubs[0].used, second.data.hubs[0].byStage], [1, { hub_assigned: 1 }])
  all.close()

  await admin('PUT', `/api/hubs/${far.id}`, { capacity: 77 }, { 'if-match': `"${far.version}"` })
  const ofFar = (await own.next())!
  assert.deepEqual(
    [codesOf(ofFar), ofFar.data.hubs[0].capacity],
    [['DEL-1'], 77],
    'nothing of the other hub came before',
  )

  await t.test('who comes back is told what changed since, and only that', async () => {
    const back = await listen(t, url, tokens.admin, { 'last-event-id': second.id })
    const message = (await back.next())!
    assert.deepEqual([codesOf(message), message.data.isWhole], [['DEL-1'], false])
    back.close()
  })
  await t.test('who was away too long, or names nothing known, is told all', async () => {
    const back = await listen(t, url, tokens.admin, { 'last-event-id': '1-1' })
    const message = (await back.next())!
    assert.deepEqual([codesOf(message), message.data.isWhole], [['BLR-1', 'DEL-1'], true])
    back.close()
  })
  await t.test('a unit that no hub can take is told as a change of that list', async () => {
    await admin('PUT', `/api/hubs/${far.id}`, { status: 'paused' }, { 'if-match': `"${far.version + 1}"` })
    await admin('PUT', `/api/hubs/${near.id}`, { capacity: 1 }, { 'if-match': `"${near.version}"` })
    await admin('POST', '/api/returns', unit(clientId, 'L-2'))
    let message = await own.next()
    while (message !== null && !message.data.isUnassignedChanged) message = await own.next()
    assert.equal(message?.data.isUnassignedChanged, true)
  })
  own.close()
})

test('a stream is bounded, asks for its medium, and ends with the server', async (t) => {
  const { app, admin, url, tokens } = await openLive(t)
  const plain: Call = admin
  const refused = await plain('GET', '/api/live/hubs')
  assert.deepEqual([refused.status, refused.body.code], [400, 'event_stream_only'])
  const nobody = await fetch(`${url}/api/live/hubs`, { headers: { accept: 'text/event-stream' } })
  assert.equal(nobody.status, 401)

  const open = await Promise.all(Array.from({ length: 12 }, () => listen(t, url, tokens.admin)))
  for (const one of open) assert.ok((await one.next()) !== null)
  const full = await listen(t, url, tokens.admin)
  assert.deepEqual([full.response.status, full.response.headers.get('retry-after')], [503, '10'])
  open[0]!.close()
  for (let i = 0; ; i++) {
    const again = await listen(t, url, tokens.admin)
    again.close()
    if (again.response.status === 200) break
    assert.ok(i < 20, 'a place that is given back is free')
    await new Promise((done) => setTimeout(done, 50))
  }

  const other = await listen(t, url, tokens.manager)
  assert.ok((await other.next()) !== null)
  const startedMs = Date.now()
  const closing = app.server.close()
  assert.equal(await other.next(), null, 'the stream ends by itself')
  await closing
  assert.ok(Date.now() - startedMs < 5000)
})

test('a listener whose session ends is cut at the next heartbeat', { timeout: 60_000 }, async (t) => {
  const { app, url, tokens } = await openLive(t)
  const stream = await listen(t, url, tokens.manager)
  assert.ok((await stream.next()) !== null)
  app.ctx.clock.ms += 1000
  await app.ctx.db.query(`update users set is_active = false where email = 'manager2@example.test'`)
  assert.equal(await stream.next(), null)
})
