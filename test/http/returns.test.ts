import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openTestApp, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

let refs = 0
const request = (clientId: string, more: object = {}) => ({
  clientId,
  clientRef: `H-${(refs += 1)}`,
  title: 'Cotton kurta',
  categoryId: 'fashion.apparel.ethnic',
  price: { amount: 79900, currency: 'INR' },
  reasonCode: 'size_or_fit',
  pickupPincode: '560034',
  ...more,
})

async function checked(call: Call, id: string) {
  const rubric = (await call('GET', '/api/quality/rubrics/fashion.apparel.ethnic')).body
  const answers = Object.fromEntries(
    rubric.questions.filter((q: any) => q.required && !q.isConditional).map((q: any) => [q.id, q.answers[0].value]),
  )
  return call('POST', '/api/quality/check', { returnId: id, answers })
}

test('returns over HTTP', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const other = await givenClient(app.ctx, 'other')
  const hub = await givenHub(app.ctx)
  const hub2 = await givenHub(app.ctx, { code: 'DEL-1', pincode: '110001' })
  const admin = await app.as('admin')

  await t.test('one object is recorded and answered with 201, Location and the whole decision', async () => {
    const answer = await admin('POST', '/api/returns', request(clientId))
    assert.equal(answer.status, 201, answer.text)
    assert.equal(answer.headers['location'], `/api/returns/${answer.body.id}`)
    assert.equal(answer.body.hub.code, 'BLR-1')
    const detail = await admin('GET', `/api/returns/${answer.body.id}`)
    assert.ok(detail.body.recommendationDetail.options.length > 3)
    assert.ok(detail.body.recommendationDetail.reasons.length > 0)
    assert.equal(
      (
        await admin('GET', `/api/returns/${answer.body.id}`, undefined, {
          'if-none-match': String(detail.headers['etag']),
        })
      ).status,
      304,
    )
  })

  await t.test('what is worked out from words is shown, in the detail and in lists', async () => {
    await admin('POST', '/api/products', { clientId, sku: 'GUESS', title: 'Leather sandals' })
    const { categoryId: _, ...untold } = request(clientId, { sku: 'GUESS', customer: { note: 'bahut tight hai' } })
    const made = await admin('POST', '/api/returns', untold)
    const detail = await admin('GET', `/api/returns/${made.body.id}`)
    const list = await admin('GET', `/api/returns?filter[clientRef]=${untold.clientRef}`)
    for (const unit of [detail.body, list.body.data[0]]) {
      const { categoryId, isCategoryInferred, reasonCluster } = unit
      assert.deepEqual([categoryId, isCategoryInferred, reasonCluster], ['fashion.footwear.shoes', true, 'fit'])
    }
    const plain = await admin('GET', `/api/returns/${(await admin('POST', '/api/returns', request(clientId))).body.id}`)
    assert.deepEqual([plain.body.isCategoryInferred, plain.body.reasonCluster], [false, null])
  })

  await t.test('in a batch a bad row harms no neighbour', async () => {
    const answer = await admin('POST', '/api/returns', {
      items: [request(clientId), { clientRef: '', price: { amount: -1, currency: 'INR' } }, request(clientId)],
    })
    assert.equal(answer.status, 200)
    assert.deepEqual(
      answer.body.results.map((r: any) => r.status),
      [201, 400, 201],
    )
    assert.deepEqual(
      answer.body.results[1].problem.errors
        .map((e: any) => e.pointer)
        .toSorted((a: string, b: string) => a.localeCompare(b)),
      ['/clientRef', '/price/amount'],
    )
  })

  await t.test('twenty repeats at once with one key make one return; another body is refused', async () => {
    const body = request(clientId)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => admin('POST', '/api/returns', body, { 'idempotency-key': '"k-20"' })),
    )
    assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([201]))
    assert.equal(new Set(answers.map((a) => a.body.id)).size, 1)
    assert.equal(answers.filter((a) => a.headers['idempotent-replayed'] === 'true').length, 19)
    const changed = await admin('POST', '/api/returns', { ...body, title: 'Other' }, { 'idempotency-key': 'k-20' })
    assert.equal(changed.status, 422)
    assert.equal(changed.body.code, 'idempotency_key_reused')
  })

  await t.test('a known client reference is answered with what is there', async () => {
    const body = request(clientId)
    const first = await admin('POST', '/api/returns', body)
    const second = await admin('POST', '/api/returns', body)
    assert.deepEqual([first.status, second.status], [201, 200])
    assert.equal(second.body.id, first.body.id)
    assert.equal(second.body.repeated, true)
  })

  await t.test('every illegal step is refused by name', async () => {
    const { id } = (await admin('POST', '/api/returns', request(clientId))).body
    const code = async (method: 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown, headers = {}) => {
      const answer = await admin(method, url, body, headers)
      return `${answer.status} ${answer.body.code}`
    }
    assert.equal(await code('POST', `/api/returns/${id}/disposition`, {}), '409 not_received')
    assert.equal((await checked(admin, id)).body.code, 'not_received')
    assert.equal(
      (await admin('POST', `/api/returns/${id}/receive`, { hubId: hub2.id })).body.code,
      'belongs_to_other_hub',
    )
    assert.equal((await admin('POST', `/api/returns/${id}/receive`, { hubId: hub.id })).status, 200)
    assert.equal(await code('POST', `/api/returns/${id}/receive`, { hubId: hub.id }), '409 already_received')
    assert.equal(await code('DELETE', `/api/returns/${id}`), '428 if_match_missing')
    assert.equal(await code('DELETE', `/api/returns/${id}`, undefined, { 'if-match': '"1"' }), '412 version_stale')
    assert.equal(await code('DELETE', `/api/returns/${id}`, undefined, { 'if-match': '"5"' }), '409 in_custody')
    assert.equal(await code('POST', `/api/returns/${id}/disposition`, {}), '409 not_checked')
    const graded = await checked(admin, id)
    assert.equal(graded.status, 201, graded.text)
    assert.equal(
      await code('POST', `/api/returns/${id}/disposition`, { disposition: 'destroy' }),
      '422 reason_code_missing',
    )
    assert.equal(
      await code('POST', `/api/returns/${id}/disposition`, {
        disposition: 'resell',
        channel: 'nowhere',
        reasonCode: 'other',
      }),
      '422 not_an_option',
    )
    const decided = await admin('POST', `/api/returns/${id}/disposition`, {})
    assert.equal(decided.status, 200, decided.text)
    const execute = (body: object) => code('PUT', `/api/dispositions/${decided.body.dispositionId}`, body)
    assert.equal(await execute({ execution: 'blocked' }), '422 blocked_reason_missing')
    assert.equal(await execute({ execution: 'reversed' }), '409 illegal_execution')
    assert.equal(
      await execute({ execution: 'done', realisedValue: { amount: 1, currency: 'USD' }, externalRef: 'x' }),
      '422 currency_mixed',
    )
    assert.equal(
      await execute({ execution: 'done', realisedValue: { amount: 9_999_999, currency: 'INR' }, externalRef: 'x' }),
      '422 value_above_ceiling',
    )
    if (decided.body.disposition === 'restock')
      assert.equal(await execute({ execution: 'done' }), '422 acknowledgement_missing')
    const done = await admin('PUT', `/api/dispositions/${decided.body.dispositionId}`, {
      execution: 'done',
      realisedValue: { amount: 50000, currency: 'INR' },
      externalRef: 'GRN',
    })
    assert.equal(done.body.stage, 'completed', done.text)
    assert.equal(
      await code('PUT', `/api/workflow/${id}/stage`, { stage: 'received', hubId: hub.id }),
      '409 already_received',
    )
    assert.equal(await code('PUT', `/api/workflow/${id}/stage`, { stage: 'quality_check' }), '409 check_needed')
    const path = `/api/dispositions/${decided.body.dispositionId}`
    const stale = await admin('PUT', path, { execution: 'reversed' }, { 'if-match': '"99"' })
    assert.equal(stale.status, 412)
    const current = { 'if-match': String(stale.headers['etag']) }
    const reversed = await admin('PUT', path, { execution: 'reversed' }, current)
    assert.equal(reversed.body.stage, 'disposition', reversed.text)
  })

  await t.test('of twelve who decide one unit at once one wins', async () => {
    const { id } = (await admin('POST', '/api/returns', request(clientId))).body
    await admin('POST', `/api/returns/${id}/receive`, { hubId: hub.id })
    const graded = await checked(admin, id)
    const etag = { 'if-match': `"${graded.body.version}"` }
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => admin('POST', `/api/returns/${id}/disposition`, {}, etag)),
    )
    assert.equal(answers.filter((a) => a.status === 200).length, 1)
    assert.ok(answers.every((a) => [200, 409, 412].includes(a.status)))
    const receivers = (await admin('POST', '/api/returns', request(clientId))).body.id
    const received = await Promise.all(
      Array.from({ length: 12 }, () => admin('POST', `/api/returns/${receivers}/receive`, { hubId: hub.id })),
    )
    assert.deepEqual(
      received.map((a) => a.status).toSorted((a, b) => a - b),
      [200, ...Array(11).fill(409)],
    )
  })

  await t.test('of those who saw no version one wins too, and what was seen may be replaced', async () => {
    const { id } = (await admin('POST', '/api/returns', request(clientId))).body
    await admin('POST', `/api/returns/${id}/receive`, { hubId: hub.id })
    const statuses = (answers: readonly { status: number }[]) => answers.map((a) => a.status).toSorted((a, b) => a - b)
    const checks = await Promise.all(Array.from({ length: 4 }, () => checked(admin, id)))
    assert.deepEqual(statuses(checks), [201, 409, 409, 409])
    assert.equal(checks.find((a) => a.status === 409)?.body.code, 'already_checked')
    const decide = (body: object, headers = {}) => admin('POST', `/api/returns/${id}/disposition`, body, headers)
    const decisions = await Promise.all(Array.from({ length: 12 }, () => decide({})))
    assert.deepEqual(statuses(decisions), [200, ...Array(11).fill(409)])
    assert.equal(decisions.find((a) => a.status === 409)?.body.code, 'already_decided')
    const history = await app.ctx.db.query('select 1 from dispositions where return_id = $1', [id])
    assert.equal(history.length, 1)

    const other = { disposition: 'hold', reasonCode: 'client_instruction' }
    const { version } = (await admin('GET', `/api/returns/${id}`)).body
    const stale = await decide(other, { 'if-match': `"${version - 1}"` })
    assert.equal(stale.status, 412)
    assert.equal(stale.headers['etag'], `"${version}"`)
    assert.equal((await decide(other, { 'if-match': `"${version}"` })).status, 200)
    // What waits asks for a decision by itself, from one.
    const after = await Promise.all(Array.from({ length: 3 }, () => decide({})))
    assert.deepEqual(statuses(after), [200, 409, 409])
  })

  await t.test('pages hold every row once, filters count, unknown parameters are refused by name', async () => {
    const seen: string[] = []
    let url: string | null = '/api/returns?limit=4&sort=createdAt'
    while (url !== null) {
      const page = await admin('GET', url)
      assert.equal(page.status, 200, page.text)
      seen.push(...page.body.data.map((r: any) => r.id))
      url =
        page.body.page.nextCursor === null
          ? null
          : `/api/returns?limit=4&sort=createdAt&cursor=${encodeURIComponent(page.body.page.nextCursor)}`
    }
    const [row] = await app.ctx.db.query<{ n: number }>('select count(*) as n from return_items')
    assert.equal(seen.length, row!.n)
    assert.equal(new Set(seen).size, row!.n)
    const done = await admin('GET', '/api/returns?filter[stage]=hub_assigned&includeTotal=exact&limit=1')
    const [assigned] = await app.ctx.db.query<{ n: number }>(
      "select count(*) as n from return_items where stage = 'hub_assigned'",
    )
    assert.equal(done.body.page.total, assigned!.n)
    const levelled = await admin('GET', '/api/returns?include=recommendation&limit=1')
    assert.match(levelled.body.data[0].recommendation.level, /^L[0-3]$/)
    const plain = await admin('GET', '/api/returns?limit=1')
    assert.equal(plain.body.data[0].recommendation.level, undefined)
    const misnamed = await admin('GET', '/api/returns?include=recomendation')
    assert.equal(misnamed.status, 400)
    assert.equal(misnamed.body.errors[0].code, 'include_unknown')
    const wrong = await admin('GET', '/api/returns?filtr[stage]=x&sort=price&filter[stage]=nope&cursor=abc')
    assert.equal(wrong.status, 400)
    assert.equal(wrong.body.errors.length, 4)
    const foreign = (await admin('GET', '/api/returns?limit=1')).body.page.nextCursor
    assert.equal(
      (await admin('GET', `/api/returns?limit=1&filter[stage]=received&cursor=${encodeURIComponent(foreign)}`)).status,
      400,
    )
  })

  await t.test("another client's and another hub's objects are not there", async () => {
    const { id } = (await admin('POST', '/api/returns', request(clientId))).body
    const key = await app.asKey(other, ['returns:read', 'returns:create', 'returns:cancel'])
    assert.equal((await key('GET', `/api/returns/${id}`)).status, 404)
    assert.equal((await key('DELETE', `/api/returns/${id}`, undefined, { 'if-match': '"4"' })).status, 404)
    assert.equal((await key('POST', '/api/returns', request(clientId))).status, 404)
    assert.equal((await key('GET', '/api/returns')).body.data.length, 0)
    const own = await key('POST', '/api/returns', { ...request(other), clientId: undefined })
    assert.equal(own.status, 201, own.text)
    const worker = await app.as('worker', [hub2.id])
    assert.equal((await worker('GET', `/api/returns/${id}`)).status, 404)
    assert.equal((await worker('POST', `/api/returns/${id}/receive`, {})).status, 404)
    assert.equal((await worker('GET', `/api/hubs/${hub.id}`)).status, 404)
  })

  await t.test('personal data is seen by who needs it only', async () => {
    const customer = { name: 'Marker Person', phone: '+91 98765 43210', note: 'the left sleeve is torn' }
    const { id } = (await admin('POST', '/api/returns', request(clientId, { customer }))).body
    assert.equal((await admin('GET', `/api/returns/${id}`)).body.customer.name, 'Marker Person')
    const analyst = await app.as('analyst')
    const masked = await analyst('GET', `/api/returns/${id}`)
    assert.deepEqual([masked.body.customer, masked.body.isCustomerMasked], [null, true])
    const worker = await app.as('worker', [hub.id])
    assert.deepEqual((await worker('GET', `/api/returns/${id}`)).body.customer, { note: 'the left sleeve is torn' })
    const [row] = await app.ctx.db.query<{ n: number }>(
      "select count(*) as n from events where data::text like '%Marker%'",
    )
    assert.equal(row!.n, 0)
  })

  await t.test('no invariant is broken by all this', async () => {
    assert.deepEqual(await checkInvariants(app.ctx.db), [])
  })
})
