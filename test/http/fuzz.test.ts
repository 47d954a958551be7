import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openTestApp } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

test('whatever is sent, the answer is no 5xx', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  await givenHub(app.ctx)
  const admin = await app.as('admin')
  const posts = [
    '/api/returns',
    '/api/ai/recommend',
    '/api/scan',
    '/api/quality/check',
    '/api/hubs',
    '/api/hubs/assign',
    '/api/products',
    '/api/clients',
    '/api/users',
    '/api/auth/login',
    '/api/ai/feedback',
  ]
  const fine = (answer: { status: number; text: string }, what: string) =>
    assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`)

  await t.test('broken and hostile bodies', async () => {
    const hostile: (string | Buffer)[] = [
      '',
      '{',
      '[',
      'null',
      '"x"',
      '123',
      '[]',
      '{}',
      '{"a":',
      '{"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{}}}',
      '['.repeat(100_000),
      '{"a":'.repeat(100_000),
      `{"clientRef":"${'x'.repeat(900_000)}"}`,
      '{"clientRef":"a\\u0000b"}',
      '{"clientRef":"\\ud800"}',
      '{"price":{"amount":1e400,"currency":"INR"}}',
      '{"price":{"amount":9007199254740993,"currency":"INR"}}',
      Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
      '{"items":[]}',
      '{"items":{}}',
      `{"items":[${'{},'.repeat(400)}{}]}`,
      '{"items":[null,1,"x",[],{"items":[]}]}',
    ]
    for (const url of posts)
      for (const body of hostile) fine(await admin('POST', url, body), `${url} ${String(body).slice(0, 40)}`)
    const large = await admin('POST', '/api/returns', `{"title":"${'x'.repeat(2_000_000)}"}`)
    assert.equal(large.status, 413)
    assert.equal((await admin('POST', '/api/returns', '<a/>', { 'content-type': 'text/xml' })).status, 415)
  })

  await t.test('bodies that are nearly right', async () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constant('2026-02-30T25:61:00Z'),
      fc.constant('9999999'),
      fc.object({ maxDepth: 1 }),
    )
    const body = fc.record(
      {
        clientRef: fc.oneof(fc.string(), value),
        title: value,
        categoryId: fc.oneof(fc.constant('books.general.book'), value),
        sku: fc.oneof(fc.string(), value),
        price: fc.oneof(fc.record({ amount: value, currency: value }), value),
        orderedAt: fc.oneof(
          fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
          value,
        ),
        deliveredAt: fc.oneof(
          fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
          value,
        ),
        pickupPincode: fc.oneof(fc.constant('999999'), fc.constant('560001'), value),
        awb: value,
        customer: fc.oneof(
          fc.record({ name: fc.string(), note: fc.string({ unit: 'binary' }) }, { requiredKeys: [] }),
          value,
        ),
        reasonCode: value,
        extra: value,
      },
      { requiredKeys: ['clientRef'] },
    )
    await fc.assert(
      fc.asyncProperty(body, async (sent) =>
        fine(await admin('POST', '/api/returns', { clientId, ...sent }), JSON.stringify(sent)),
      ),
      { numRuns: 300 },
    )
  })

  await t.test('queries, ids and headers', async () => {
    const lists = ['/api/returns', '/api/hubs', '/api/products', '/api/clients', '/api/workflow/pending', '/api/audit']
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom("'; drop table events; --", '\u0000', 'in:' + 'a,'.repeat(200), 'gte:x', '-1', '1e9', '%00'),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lists),
        fc.constantFrom(
          'filter[stage]',
          'filter[title]',
          'filter[createdAt]',
          'filter[id]',
          'sort',
          'limit',
          'cursor',
          'filter[code]',
          'filter[stream]',
          'filter[seq]',
        ),
        text,
        async (url, name, value) => {
          const encoded = encodeURIComponent(value.toWellFormed())
          fine(await admin('GET', `${url}?${encodeURIComponent(name)}=${encoded}`), `${url} ${name}=${value}`)
        },
      ),
      { numRuns: 300 },
    )
    for (const id of ['x', '%00', '..%2f..', '01920000-0000-7000-8000-00000000000g', 'a'.repeat(300), "1'or'1'='1"]) {
      for (const url of [`/api/returns/${id}`, `/api/hubs/${id}`, `/api/quality/${id}`, `/api/files/${id}`])
        fine(await admin('GET', url), url)
    }
    for (const header of ['', '"', 'x'.repeat(300), '"\u00e9"', '*']) {
      fine(
        await admin(
          'POST',
          '/api/scan',
          { code: 'x' },
          { 'if-match': header, 'idempotency-key': header, 'x-request-id': header },
        ),
        header,
      )
    }
    for (const token of [
      'x',
      'Bearer',
      'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.',
      'sr_live_aaaaaaaa_' + 'b'.repeat(32) + '_cccccc',
    ]) {
      const answer = await app.call('GET', '/api/returns', undefined, { authorization: `Bearer ${token}` })
      assert.equal(answer.status, 401, token)
    }
  })
})
