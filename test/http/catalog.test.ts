import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from '#kernel/ids.ts'
import { openTestApp } from '../support/app.ts'
import { givenClient } from '../support/given.ts'

test('products over HTTP', async (t) => {
  const app = await openTestApp(t)
  const [own, other] = [await givenClient(app.ctx, 'own'), await givenClient(app.ctx, 'other')]
  const admin = await app.as('admin')
  const key = await app.asKey(own, ['products:read', 'products:write'])

  await t.test('one object: 201 when made, 200 when changed or left alone, and its ETag', async () => {
    const input = { sku: 'A', title: 'Wireless headphones', priceMinor: 129900 }
    const made = await key('POST', '/api/products', input)
    const same = await key('POST', '/api/products', input)
    const changed = await key('POST', '/api/products', { ...input, priceMinor: 99900 })
    assert.deepEqual(
      [made, same, changed].map(({ status, body, headers }) => [status, body.change, headers['etag']]),
      [
        [201, 'created', '"1"'],
        [200, 'none', '"1"'],
        [200, 'updated', '"2"'],
      ],
    )
    const read = await key('GET', `/api/products/${made.body.id}`)
    assert.deepEqual(
      [read.body.clientId, read.body.priceMinor, read.body.categoryId, read.body.isCategoryInferred],
      [own, 99900, 'electronics.audio.headphone', true],
    )
    const unchanged = await key('GET', `/api/products/${made.body.id}`, undefined, { 'if-none-match': '"2"' })
    assert.equal(unchanged.status, 304)
    const told = await key('POST', '/api/products', { ...input, categoryId: 'electronics.audio.headphone' })
    const untold = await key('POST', '/api/products', input)
    assert.deepEqual(
      [made, told, untold].map(({ body }) => [body.categoryId, body.isCategoryInferred]),
      [true, false, false].map((isInferred) => ['electronics.audio.headphone', isInferred]),
    )
  })
  await t.test('many: each has its place, its status and all its faults', async () => {
    const { status, body } = await admin('POST', '/api/products', {
      items: [
        { clientId: own, sku: 'M1', title: 'Steel pan' },
        { clientId: own, sku: '', title: 'Steel pan', weightGrams: 0, colour: 'red' },
        { clientId: own, sku: 'M2', title: 'Steel pan', categoryId: 'no.such.category', currency: 'XQZ' },
        { clientId: uuidv7(app.ctx.now()), sku: 'M3', title: 'Steel pan' },
        { clientId: own, sku: 'M1', title: 'Steel pan' },
        { clientId: other, sku: 'M1', title: 'Steel pan' },
      ],
    })
    assert.equal(status, 200)
    assert.deepEqual(
      body.results.map((r: any) => [
        r.index,
        r.status,
        r.value?.change ?? r.problem.code,
        r.problem?.errors?.map((e: any) => e.pointer).toSorted(),
      ]),
      [
        [0, 201, 'created', undefined],
        [1, 400, 'invalid', ['/colour', '/sku', '/weightGrams']],
        [2, 400, 'category_unknown', ['/categoryId', '/currency']],
        [3, 404, 'client_unknown', undefined],
        [4, 409, 'sku_repeated', undefined],
        [5, 201, 'created', undefined],
      ],
    )
  })
  await t.test('none and too many are refused', async () => {
    const items = Array.from({ length: 251 }, (_, i) => ({ clientId: own, sku: `T${i}`, title: 'Steel pan' }))
    assert.equal((await admin('POST', '/api/products', { items: [] })).status, 400)
    assert.equal((await admin('POST', '/api/products', { items })).status, 400)
    const most = await admin('POST', '/api/products', { items: items.slice(1) })
    assert.equal(most.body.results.filter((r: any) => r.status === 201).length, 250)
  })
  await t.test('a repeated Idempotency-Key gets the first answer, and another body under it is refused', async () => {
    const headers = { 'idempotency-key': 'catalog-1' }
    const input = { sku: 'ONCE', title: 'Steel pan' }
    const first = await key('POST', '/api/products', input, headers)
    const again = await key('POST', '/api/products', input, headers)
    assert.deepEqual([again.status, again.body, again.headers['idempotent-replayed']], [201, first.body, 'true'])
    assert.equal((await key('POST', '/api/products', { ...input, priceMinor: 1 }, headers)).status, 422)
  })
  await t.test("a key sees its own client's products alone", async () => {
    const list = await key('GET', '/api/products?limit=200&includeTotal=exact')
    assert.ok(list.body.data.every((p: any) => p.clientId === own))
    const [theirs] = (await admin('GET', `/api/products?filter[clientId]=${other}`)).body.data
    assert.equal((await key('GET', `/api/products/${theirs.id}`)).status, 404)
    const foreign = await key('POST', '/api/products', { clientId: other, sku: 'X', title: 'Steel pan' })
    assert.deepEqual([foreign.status, foreign.body.code], [404, 'client_unknown'])
    const stranger = await admin('POST', '/api/products', { clientId: uuidv7(0), sku: 'X', title: 'Steel pan' })
    assert.deepEqual([stranger.status, stranger.body.code], [404, 'client_unknown'])
  })
  await t.test('the list: filters, order, pages by cursor, and the total when asked', async () => {
    const first = await key('GET', '/api/products?filter[sku]=contains:T&sort=sku&limit=100&includeTotal=exact')
    assert.equal(first.body.page.total, 250)
    const next = /^<(.+)>; rel="next"$/.exec(String(first.headers['link']))?.[1]
    const second = await key('GET', next ?? assert.fail('no next page'))
    const skus = [...first.body.data, ...second.body.data].map((p: any) => p.sku)
    assert.equal(new Set(skus).size, 200)
    assert.equal((await key('GET', '/api/products?filter[colour]=red')).status, 400)
  })
})

test('clients over HTTP', async (t) => {
  const app = await openTestApp(t)
  const admin = await app.as('admin')
  const put = (id: string, body: object, etag?: string) =>
    admin('PUT', `/api/clients/${id}`, body, etag === undefined ? {} : { 'if-match': etag })

  const made = await admin('POST', '/api/clients', { code: 'acme', name: 'Acme Retail' })
  const id = made.body.id as string

  await t.test('added with its defaults; a code is taken once', async () => {
    assert.deepEqual(
      [made.status, made.body.kind, made.body.currency, made.body.isActive, made.headers['etag']],
      [201, 'live', 'INR', true, '"1"'],
    )
    const again = await admin('POST', '/api/clients', { code: 'acme', name: 'Other' })
    assert.deepEqual([again.status, again.body.code], [409, 'client_code_taken'])
    assert.equal((await admin('POST', '/api/clients', { code: 'Ac me', name: 'x' })).status, 400)
  })
  await t.test('a change says what it has seen', async () => {
    assert.equal((await put(id, { name: 'New' })).status, 428)
    const changed = await put(id, { name: 'New', returnWindowDays: 10 }, '"1"')
    assert.deepEqual(
      [changed.status, changed.body.name, changed.body.version, changed.headers['etag']],
      [200, 'New', 2, '"2"'],
    )
    const late = await put(id, { name: 'Late' }, '"1"')
    assert.deepEqual([late.status, late.headers['etag']], [412, '"2"'])
    assert.equal((await put(id, { code: 'fixed' }, '"2"')).status, 400)
    assert.equal((await put(uuidv7(0), { name: 'x' }, '"1"')).status, 404)
    const read = await admin('GET', `/api/clients/${id}`)
    assert.deepEqual([read.body, read.headers['etag']], [changed.body, '"2"'])
  })
  await t.test('an API key reads its own client and no other', async () => {
    const other = await givenClient(app.ctx, 'other')
    const key = await app.asKey(id, ['clients:read'])
    const list = await key('GET', '/api/clients?includeTotal=exact')
    assert.deepEqual([list.body.data.map((c: any) => c.id), list.body.page.total], [[id], 1])
    assert.equal((await key('GET', `/api/clients/${other}`)).status, 404)
    assert.equal((await key('POST', '/api/clients', { code: 'mine', name: 'x' })).status, 403)
  })
})
