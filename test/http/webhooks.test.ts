import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { replayWebhookJob, webhookSubscriber } from '#flows/webhooks/publish-events.ts'
import { wordLetter } from '#integrations/mail/letters.ts'
import { openGuardedOutbound } from '#integrations/outbound/guarded.ts'
import { runJob } from '#platform/jobs/store.ts'
import { openDeliverer } from '#platform/webhooks/deliver.ts'
import { takeOnce } from '#platform/webhooks/store.ts'
import { webhookNotice } from '../../src/app/open-webhooks.ts'
import { openTestApp, type Call, type TestApp } from '../support/app.ts'
import { countingMetrics } from '../support/fakes.ts'
import { givenClient, givenHub } from '../support/given.ts'

const types = ['return.submitted', 'return.received', 'return.hub_assigned']
const hourMs = 3_600_000
const minuteMs = 60_000

type Taken = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }

/** Answers by its path: /500, /410, /302, /slow, else 204. */
async function receiver(t: TestContext) {
  const taken: Taken[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      taken.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() })
      if (path === '/slow') return
      const status = Number(/^\/(\d{3})/.exec(path)?.[1] ?? 204)
      response.writeHead(status, { location: '/stolen', ...(status === 429 ? { 'retry-after': '7200' } : {}) }).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, taken, of: (path: string) => taken.filter((one) => one.path === path) }
}

async function open(t: TestContext) {
  const app = await openTestApp(t)
  const outbound = openGuardedOutbound({ allowsLoopback: true, timeoutMs: 1500, metrics: countingMetrics() })
  const ctx = { ...app.ctx, outbound }
  const notices: string[] = []
  const deliverer = openDeliverer(ctx, {
    random: () => 0.5,
    notify: async (tx, webhook) => {
      notices.push(`${webhook.id} ${webhook.disabledReason}`)
      await webhookNotice(ctx)(tx, webhook)
    },
  })
  t.after(() => deliverer.close())
  let seen = 0
  return {
    app,
    ctx,
    notices,
    /** What relay and worker do: new events become deliveries, and all that is due is sent. */
    work: async () => {
      const events = await ctx.events.read(seen, 10_000)
      seen = events.at(-1)?.seq ?? seen
      await ctx.db.transaction((tx) => webhookSubscriber(ctx).handle(tx, events))
      await deliverer.kick()
      await deliverer.settled()
    },
    send: async () => {
      await deliverer.kick()
      await deliverer.settled()
    },
  }
}

let refs = 0
async function submit(call: Call, clientId: string) {
  refs += 1
  const answer = await call('POST', '/api/returns', {
    clientId,
    clientRef: `WH-${refs}`,
    title: 'Cotton kurta of MARKER-TITLE',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79_900, currency: 'INR' },
    reasonCode: 'size_or_fit',
    pickupPincode: '560034',
    customer: { name: 'MARKER-NAME', phone: '+919812345678', note: 'MARKER-NOTE it was too small' },
  })
  assert.equal(answer.status, 201, answer.text)
  return answer.body
}

async function made(call: Call, input: Record<string, unknown>) {
  const answer = await call('POST', '/api/webhooks', { eventTypes: types, ...input })
  assert.equal(answer.status, 201, answer.text)
  return answer.body as { id: string; secret: string; version: number }
}

/** Signed as the published library signs; its own check asks the clock of the machine. */
function isSigned(call: Taken, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = call.headers
  const expected = new Webhook(secret).sign(String(id), new Date(Number(time) * 1000), call.body)
  return String(signatures).split(' ').includes(expected)
}

const deliveriesOf = async (call: Call, id: string, query = '') =>
  (await call('GET', `/api/webhooks/${id}/deliveries${query}`)).body.data as Record<string, unknown>[]

test('webhooks: told, signed, scoped', async (t) => {
  const { app, ctx, work } = await open(t)
  const inbox = await receiver(t)
  const [acme, other] = [await givenClient(ctx), await givenClient(ctx, 'other')]
  await givenHub(ctx)
  const admin = await app.as('admin')
  const ownKey = await app.asKey(acme, ['webhooks:manage'])
  const otherKey = await app.asKey(other, ['webhooks:manage'])
  const hook = await made(ownKey, { url: `${inbox.url}/own`, description: 'Shop' })

  await t.test('an event becomes one signed call without anything of the person', async () => {
    const item = await submit(admin, acme)
    await submit(admin, other)
    await work()
    const calls = inbox.of('/own')
    const told = calls.map(({ body }) => JSON.parse(body))
    assert.deepEqual(
      told.map((one) => String(one.type)).toSorted((a, b) => (a < b ? -1 : 1)),
      ['return.hub_assigned', 'return.submitted'],
    )
    for (const one of calls) {
      const { headers, body } = one
      assert.ok(isSigned(one, hook.secret))
      assert.match(String(headers['webhook-id']), /^msg_[0-9a-f-]{36}$/)
      assert.doesNotMatch(body, /MARKER|9812345678|[sS]ealed|personId/)
    }
    const submitted = told.find((one) => one.type === 'return.submitted')
    assert.equal(submitted.data.returnId, item.id)
    assert.equal(submitted.data.clientId, acme)
    assert.match(submitted.timestamp, /^2026-11-20T/)
    await work()
    assert.equal(inbox.of('/own').length, calls.length, 'once is enough')
  })

  await t.test('row 46: what is of another client is not there', async () => {
    for (const [method, url, body] of [
      ['GET', `/api/webhooks/${hook.id}`, undefined],
      ['PUT', `/api/webhooks/${hook.id}`, { isActive: false }],
      ['DELETE', `/api/webhooks/${hook.id}`, undefined],
      ['POST', `/api/webhooks/${hook.id}/rotate`, {}],
      ['POST', `/api/webhooks/${hook.id}/test`, undefined],
      ['POST', `/api/webhooks/${hook.id}/replay`, { since: '2026-11-01T00:00:00Z' }],
      ['GET', `/api/webhooks/${hook.id}/deliveries`, undefined],
    ] as const) {
      const answer = await otherKey(method, url, body, method === 'PUT' ? { 'if-match': '"1"' } : {})
      assert.equal(`${answer.status} ${answer.body?.code}`, '404 webhook_unknown', `${method} ${url}`)
    }
    assert.deepEqual((await otherKey('GET', '/api/webhooks')).body.data, [])
    const foreign = await otherKey('POST', '/api/webhooks', { url: inbox.url, clientId: acme, eventTypes: types })
    assert.equal(foreign.status, 404)
    // A key that names nobody gets its own client, never all of them.
    assert.equal((await otherKey('POST', '/api/webhooks', { url: inbox.url, eventTypes: types })).body.clientId, other)
    for (const role of ['manager', 'worker', 'analyst'] as const)
      assert.equal((await (await app.as(role))('GET', '/api/webhooks')).status, 403, role)
  })

  await t.test('the secret is shown once, and is nowhere in an answer, the log or the tables in clear', async () => {
    assert.match(hook.secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    const shown = await ownKey('GET', `/api/webhooks/${hook.id}`)
    assert.doesNotMatch(shown.text, /whsec_/)
    const events = await ctx.events.readStream(`webhook-${hook.id}`)
    assert.deepEqual(
      events.map((event) => event.type),
      ['WebhookCreated'],
    )
    assert.doesNotMatch(JSON.stringify(events), /whsec_|\/own/)
    const key = { 'idempotency-key': 'same-again' }
    const input = { url: `${inbox.url}/twice`, eventTypes: types }
    assert.equal((await ownKey('POST', '/api/webhooks', input, key)).status, 201)
    const again = await ownKey('POST', '/api/webhooks', input, key)
    assert.equal(`${again.status} ${again.body.code}`, '409 secret_shown_before')
    const stored = await ctx.db.query('select answer::text as answer from idempotency_keys')
    assert.doesNotMatch(JSON.stringify(stored), /whsec_/)
  })

  await t.test('after a rotation both secrets sign, and then the new one alone', async () => {
    const rotated = await ownKey('POST', `/api/webhooks/${hook.id}/rotate`, { overlapHours: 12 })
    assert.equal(rotated.status, 201)
    const test = async () => {
      assert.equal((await ownKey('POST', `/api/webhooks/${hook.id}/test`)).body.isDelivered, true)
      return inbox.of('/own').at(-1)!
    }
    const during = await test()
    for (const secret of [hook.secret, rotated.body.secret]) assert.ok(isSigned(during, secret))
    ctx.clock.ms += 13 * hourMs
    const after = await test()
    assert.deepEqual([isSigned(after, hook.secret), isSigned(after, rotated.body.secret)], [false, true])
  })

  await t.test('row 49: addresses of the inside are refused at once', async () => {
    const later = await app.as('admin')
    for (const url of [
      'http://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data',
      'https://[fd00::1]/',
      'ftp://x.example.com/',
    ]) {
      const answer = await later('POST', '/api/webhooks', { url, eventTypes: types })
      assert.equal(answer.status, 422, url)
      assert.match(answer.body.code, /^url_/)
    }
    const edit = await ownKey('PUT', `/api/webhooks/${hook.id}`, { url: 'https://10.0.0.1/' }, { 'if-match': '"2"' })
    assert.equal(edit.body.code, 'url_address_refused')
  })

  await t.test('row 50: an id that comes in is taken once', async () => {
    const take = (id: string) => ctx.db.transaction((tx) => takeOnce(tx, 'hooks of a carrier', id, new Date(ctx.now())))
    assert.deepEqual([await take('msg_1'), await take('msg_1'), await take('msg_2')], [true, false, true])
  })

  await t.test('a webhook that is removed leaves nothing but its events', async () => {
    assert.equal((await ownKey('DELETE', `/api/webhooks/${hook.id}`)).status, 204)
    assert.equal((await ownKey('GET', `/api/webhooks/${hook.id}`)).status, 404)
    const left = await ctx.db.query(`select 1 from installation_secrets where name like $1`, [`webhook ${hook.id}%`])
    assert.equal(left.length, 0)
  })
})

test('row 51: a receiver that fails', async (t) => {
  const { app, ctx, work, send, notices } = await open(t)
  const inbox = await receiver(t)
  const acme = await givenClient(ctx)
  await givenHub(ctx)
  let admin = await app.as('admin')
  const made500 = await made(admin, { url: `${inbox.url}/500`, clientId: acme })
  const made410 = await made(admin, { url: `${inbox.url}/410`, clientId: acme })
  const made302 = await made(admin, { url: `${inbox.url}/302`, clientId: acme })
  await made(admin, { url: `${inbox.url}/429`, clientId: acme })
  const slow = await made(admin, { url: `${inbox.url}/slow`, clientId: acme })
  const fine = await made(admin, { url: `${inbox.url}/fine` })
  for (let n = 0; n < 20; n++) await submit(admin, acme)
  const startedAt = performance.now()
  await work()
  const told = (await ctx.events.read(0, 10_000)).filter(({ type }) =>
    /^(ReturnSubmitted|HubAssigned)$/.test(type),
  ).length

  await t.test('nobody waits for another: the good one has all, the slow one holds only itself', async () => {
    assert.ok(told >= 30)
    assert.equal(inbox.of('/fine').length, told)
    assert.ok(performance.now() - startedAt < 20_000)
    assert.equal(
      (await deliveriesOf(admin, fine.id, '?limit=200')).filter((one) => one['state'] === 'delivered').length,
      40,
    )
    assert.ok(inbox.of('/slow').length <= 8)
  })

  await t.test('a redirect is a failure and is not followed', async () => {
    assert.equal(inbox.of('/stolen').length, 0)
    const failed = (await deliveriesOf(admin, made302.id)).filter((one) => one['lastStatus'] === 302)
    assert.ok(failed.length > 0 && failed.every((one) => one['state'] === 'pending'))
  })

  await t.test('410 turns it off at once, with a notice and an event', async () => {
    const hook = (await admin('GET', `/api/webhooks/${made410.id}`)).body
    assert.deepEqual([hook.isActive, hook.disabledReason], [false, 'gone'])
    assert.ok(notices.includes(`${made410.id} gone`))
    const [letter] = ctx.mail.sent.filter(({ letter }) => letter.kind === 'webhook_disabled')
    assert.ok(letter)
    assert.equal(letter.to, 'admin1@example.test')
    assert.match(wordLetter(letter.letter).text, /wants no more webhooks.*और वेबहुक नहीं चाहिए/s)
    assert.equal((await ctx.events.readStream(`webhook-${made410.id}`)).at(-1)?.type, 'WebhookDisabled')
    const states = new Set((await deliveriesOf(admin, made410.id)).map((one) => one['state']))
    assert.deepEqual([...states], ['failed'])
  })

  await t.test('while it fails, one delivery tries for all, ever more rarely; Retry-After is kept', async () => {
    const first = inbox.of('/500').length
    assert.ok(first <= 8)
    await send()
    assert.equal(inbox.of('/500').length, first, 'nothing before its time')
    ctx.clock.ms += minuteMs
    await send()
    assert.equal(inbox.of('/500').length, first + 1)
    const asked = inbox.of('/429').length
    ctx.clock.ms += hourMs
    await send()
    assert.equal(inbox.of('/429').length, asked)
    ctx.clock.ms += 1.1 * hourMs
    await send()
    assert.ok(inbox.of('/429').length > asked)
  })

  await t.test('after 3 days it is turned off, with a notice; what is told later is not kept for it', async () => {
    for (let hours = 0; hours < 84; hours += 6) {
      ctx.clock.ms += 6 * hourMs
      await send()
    }
    admin = await app.as('admin')
    for (const id of [made500.id, slow.id, made302.id]) {
      const hook = (await admin('GET', `/api/webhooks/${id}`)).body
      assert.deepEqual([hook.isActive, hook.disabledReason], [false, 'failing'])
      assert.equal(notices.filter((notice) => notice === `${id} failing`).length, 1)
    }
    const count = inbox.of('/500').length
    assert.ok(count >= 8 && count < 40, `${count} calls in 3 days`)
    await submit(admin, acme)
    await work()
    assert.equal(inbox.of('/500').length, count)
    const ids = inbox.of('/500').map(({ headers }) => headers['webhook-id'])
    assert.ok(new Set(ids).size < ids.length, 'a repeat has the id of the first try')
  })

  await t.test('on again, a replay from a date sends what was missed, under the old ids', async () => {
    const before = inbox.of('/500').map(({ headers }) => headers['webhook-id'])
    const { version } = (await admin('GET', `/api/webhooks/${made500.id}`)).body
    const off = await admin('POST', `/api/webhooks/${made500.id}/replay`, { since: '2026-11-01T00:00:00Z' })
    assert.equal(off.body.code, 'webhook_disabled')
    const on = { isActive: true, url: `${inbox.url}/mended` }
    const turned = await admin('PUT', `/api/webhooks/${made500.id}`, on, { 'if-match': `"${version}"` })
    assert.deepEqual([turned.status, turned.body.isActive, turned.body.failures], [200, true, 0])
    const asked = await admin('POST', `/api/webhooks/${made500.id}/replay`, { since: '2026-11-20T00:00:00Z' })
    assert.equal(asked.status, 202, asked.text)
    await runJob(ctx, asked.body.id, (input, run) => replayWebhookJob(ctx, input, run))
    const job = (await admin('GET', `/api/jobs/${asked.body.id}`)).body
    assert.deepEqual([job.state, job.result.queued], ['done', told + 2])
    await send()
    const mended = inbox.of('/mended')
    assert.equal(mended.length, told + 2)
    assert.ok(before.every((id) => mended.some(({ headers }) => headers['webhook-id'] === id)))
  })

  await t.test('one delivery can be sent again, looked into, and a test call tells what is wrong', async () => {
    const [delivery] = await deliveriesOf(admin, made500.id, '?filter[state]=delivered&limit=1')
    const path = `/api/webhooks/${made500.id}/deliveries/${String(delivery!['id'])}`
    const again = await admin('POST', `${path}/retry`)
    assert.deepEqual([again.status, again.body.state], [200, 'pending'])
    const sent = inbox.of('/mended').length
    await send()
    assert.equal(inbox.of('/mended').length, sent + 1)
    const detail = (await admin('GET', path)).body
    assert.equal(JSON.parse(detail.body).type, detail.eventType)
    assert.equal(detail.log.length, detail.attempts)
    assert.equal(detail.log[0].status, 204)
    const tested = await admin('POST', `/api/webhooks/${slow.id}/test`)
    // The context of the server itself has the usual 5 seconds.
    assert.deepEqual([tested.body.isDelivered, tested.body.problem], [false, 'timeout'])
    assert.ok(tested.body.tookMs >= 4_900 && tested.body.tookMs < 7_000, `${tested.body.tookMs} ms`)
  })
})

test('webhooks cost nothing where nobody has one', async (t) => {
  const { app, ctx } = await open(t)
  const acme = await givenClient(ctx)
  await givenHub(ctx)
  await submit(await app.as('admin'), acme)
  const events = await ctx.events.read(0, 1000)
  const texts: string[] = []
  await ctx.db.transaction((tx) =>
    webhookSubscriber(ctx as TestApp['ctx']).handle(
      { ...tx, query: (text, values) => (texts.push(JSON.stringify(text)), tx.query(text, values)) },
      events,
    ),
  )
  assert.equal(texts.length, 1, 'one small read a batch of the log')
})
