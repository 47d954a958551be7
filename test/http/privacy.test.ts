import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import sharp from 'sharp'
import { completeErasures, reapplyErasures } from '#flows/erase-person.ts'
import { verifyReplay } from '#flows/replay.ts'
import { exportRows } from '#flows/export-rows.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTestApp, type Answer, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

const asha = {
  ref: 'CUST-77',
  name: 'Asha Kumari',
  phone: '+91 98123 45678',
  email: 'asha@example.com',
  address: '12 MG Road, Bengaluru',
  note: '=the zip is broken',
}

let refs = 0
const unit = (clientId: string, more: Record<string, unknown> = {}) => ({
  clientId,
  clientRef: `P-${process.pid}-${++refs}`,
  title: 'Cotton kurta',
  categoryId: 'fashion.apparel.ethnic',
  price: { amount: 79900, currency: 'INR' },
  reasonCode: 'size_or_fit',
  pickupPincode: '560034',
  ...more,
})

async function upload(call: Call): Promise<string> {
  const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#777' } })
    .jpeg()
    .toBuffer()
  const head = `--xyz\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`
  const form = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--xyz--\r\n')])
  const answer = await call('POST', '/api/files', form, { 'content-type': 'multipart/form-data; boundary=xyz' })
  assert.equal(answer.status, 201, answer.text)
  return answer.body.fileId
}

const checkOf = async (call: Call) => {
  const rubric = (await call('GET', '/api/quality/rubrics/fashion.apparel.ethnic')).body
  const asked = rubric.questions.filter((q: any) => q.required && !q.isConditional)
  const answers = Object.fromEntries(asked.map((q: any) => [q.id, q.answers[0].value]))
  return { answers, shot: String(rubric.shots[0].id) }
}

test('the rights of a person', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const clientId = await givenClient(ctx)
  const otherClient = await givenClient(ctx, 'other')
  const hub = await givenHub(ctx)
  const [admin, worker, analyst] = [await app.as('admin'), await app.as('worker', [hub.id]), await app.as('analyst')]
  const submit = async (body: object, headers = {}): Promise<string> => {
    const answer = await admin('POST', '/api/returns', body, headers)
    assert.equal(answer.status, 201, answer.text)
    return answer.body.id
  }
  const orderRef = `ORDER-${process.pid}`
  const first = await submit(unit(clientId, { customer: asha, orderRef }), { 'idempotency-key': 'k-1' })
  const second = await submit(unit(clientId, { customer: { ...asha, phone: '098123 45678' } }))
  const neighbour = await submit(unit(clientId, { customer: { name: 'Ravi', email: 'ravi@example.com' } }))
  await submit(unit(otherClient, { customer: asha }))
  const nobody = await submit(unit(clientId, { orderRef: 'NOBODY-1' }))
  const find = (body: object, call = admin) => call('POST', '/api/privacy/people/search', body)
  const idOf = async (body: object): Promise<string> => (await find({ ...body, clientId })).body.data[0].id
  const settle = async (id: string) => {
    const { version } = (await admin('GET', `/api/returns/${id}`)).body
    const answer = await admin('DELETE', `/api/returns/${id}`, undefined, { 'if-match': `"${version}"` })
    assert.equal(answer.status, 200, answer.text)
  }

  await t.test('is found by each of the things that are known of the person, at each client apart', async () => {
    for (const body of [
      { email: ' ASHA@example.com' },
      { phone: '9812345678' },
      { name: 'asha  kumari' },
      { ref: 'CUST-77' },
    ]) {
      const trimmed = 'email' in body ? { email: 'ASHA@example.com' } : body
      const answer = await find({ ...trimmed, clientId })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body.data.length, 1, JSON.stringify(body))
      assert.equal(answer.body.data[0].returns, 2)
      assert.deepEqual(answer.body.data[0].hint, { name: 'A… K…', email: 'a…@e…', phone: '…78' })
    }
    assert.equal((await find({ phone: '9812345678' })).body.data.length, 2, 'one at each client')
    assert.deepEqual((await find({ orderRef })).body.data[0].foundBy, ['orderRef'])
    assert.deepEqual((await find({ orderRef: 'NOBODY-1' })).body, { data: [], unlinkedReturns: [nobody] })
    assert.deepEqual((await find({ email: 'nobody@example.com' })).body.data, [])
    assert.equal((await find({})).status, 400)
  })
  await t.test('the search is told to the log, what was looked for is not', async () => {
    const rows = await ctx.db.query<{ data: unknown }>("select data from events where type = 'PeopleSearched'")
    assert.ok(rows.length > 5)
    assert.doesNotMatch(JSON.stringify(rows), /asha|98123|CUST/i)
  })
  await t.test('nobody but the one in charge may do any of it', async () => {
    const id = await idOf({ email: asha.email })
    for (const call of [
      worker,
      analyst,
      await app.as('manager', [hub.id]),
      await app.asKey(clientId, ['returns:read']),
    ]) {
      const asked: Answer[] = [
        await find({ email: asha.email }, call),
        await call('GET', `/api/privacy/people/${id}`),
        await call('GET', `/api/privacy/people/${id}/export`),
        await call('POST', `/api/privacy/people/${id}/erase`, { confirm: 'erase' }),
        await call('POST', `/api/privacy/people/${id}/restrict`, { isRestricted: true, reason: 'claims' }),
        await call('GET', '/api/privacy/purposes'),
      ]
      assert.deepEqual(new Set(asked.map((answer) => answer.status)), new Set([403]))
    }
    const unknown = 'A'.repeat(22)
    assert.equal((await admin('GET', `/api/privacy/people/${unknown}`)).status, 404)
    assert.equal((await admin('GET', `/api/privacy/people/note-${first}`)).status, 400, 'a key of notes is no person')
    const erase = { confirm: 'erase', evenIfOpen: true }
    assert.equal((await admin('POST', `/api/privacy/people/${unknown}/erase`, erase)).status, 404)
  })

  assert.equal((await admin('POST', `/api/returns/${first}/receive`, { hubId: hub.id })).status, 200)
  const { answers, shot } = await checkOf(admin)
  const photo = await upload(worker)
  const checked = await worker('POST', '/api/quality/check', {
    returnId: first,
    answers,
    photos: [{ fileId: photo, shot }],
    note: 'Asha wrote her name on the box',
  })
  assert.equal(checked.status, 201, checked.text)

  await t.test('gets everything that is kept, machine-readable, as JSON and as CSV', async () => {
    const id = await idOf({ email: asha.email })
    const json = await admin('GET', `/api/privacy/people/${id}/export`)
    assert.equal(json.status, 200, json.text)
    assert.match(String(json.headers['content-disposition']), /attachment/)
    assert.equal(json.headers['cache-control'], 'no-store')
    assert.deepEqual(
      json.body.returns.map((each: any) => each.id),
      [first, second],
    )
    assert.deepEqual(json.body.returns[0].customer, asha)
    assert.equal(json.body.returns[0].notes[0].text, 'Asha wrote her name on the box')
    assert.equal(json.body.returns[0].photos[0].fileId, photo)
    const csv = await admin('GET', `/api/privacy/people/${id}/export?format=csv`)
    const rows = new Map(parse(csv.text, { from: 2 }) as [string, string][])
    assert.equal(rows.get('returns[1].customer.email'), asha.email)
    assert.equal(rows.get('returns[0].customer.note'), `'${asha.note}`, 'no cell is a formula')
    const log = (await admin('GET', `/api/privacy/people/${id}`)).body.log
    assert.deepEqual(
      log.map((record: any) => record.type),
      ['PersonExported', 'PersonExported'],
    )
  })
  await t.test('what the person says to a purpose is kept, with its history', async () => {
    const id = await idOf({ email: asha.email })
    const say = (body: object) => admin('POST', `/api/privacy/people/${id}/consents`, body)
    assert.equal((await say({ purpose: 'surveys', isGiven: true, notice: 'v3', source: 'web' })).status, 200)
    assert.equal((await say({ purpose: 'model_training', isGiven: false, source: 'mail' })).status, 200)
    assert.equal((await say({ purpose: 'surveys', isGiven: false, source: 'mail' })).status, 200)
    assert.equal((await say({ purpose: 'anything', isGiven: true, source: 'mail' })).status, 400)
    const { consents, log } = (await admin('GET', `/api/privacy/people/${id}`)).body
    assert.deepEqual(
      consents.map((consent: any) => [consent.purpose, consent.isGiven]),
      [
        ['model_training', false],
        ['surveys', false],
      ],
    )
    assert.deepEqual(
      log.slice(0, 3).map((record: any) => record.type),
      ['ConsentWithdrawn', 'ConsentWithdrawn', 'ConsentGiven'],
    )
    const used = (await admin('GET', `/api/privacy/people/${id}/export`)).body.purposes
    assert.deepEqual(
      used.filter((purpose: any) => !purpose.isUsed).map((purpose: any) => purpose.id),
      ['model_training', 'surveys'],
    )
  })

  const rowsOf = async (): Promise<number> => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-rows-'))
    try {
      const scope = { since: null, until: null, clientIds: null }
      return (await exportRows(ctx, folder, scope, () => {})).count
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  await t.test('whoever objects to training is no row of it, whoever does not is', async () => {
    const id = await idOf({ email: asha.email })
    assert.equal(await rowsOf(), 0)
    await admin('POST', `/api/privacy/people/${id}/consents`, {
      purpose: 'model_training',
      isGiven: true,
      source: 'mail',
    })
    assert.equal(await rowsOf(), 1)
  })
  await t.test(
    'restricted data are neither shown nor learned from, and are told to the person all the same',
    async () => {
      const id = await idOf({ email: asha.email })
      const restrict = (isRestricted: boolean, reason: string) =>
        admin('POST', `/api/privacy/people/${id}/restrict`, { isRestricted, reason })
      assert.equal((await restrict(true, 'accuracy_disputed')).body.isRestricted, true)
      const seen = (await admin('GET', `/api/returns/${first}`)).body
      assert.deepEqual([seen.customer, seen.isCustomerMasked], [null, true])
      assert.equal((await worker('GET', `/api/quality/${first}`)).body.data[0].note, null)
      const [{ id: checkId, version }] = (await worker('GET', `/api/quality/${first}`)).body.data
      const revised = { answers, photos: [{ fileId: photo, shot }], note: 'Asha wrote her name on the box' }
      const again = await worker('PUT', `/api/quality/${checkId}`, revised, { 'if-match': `"${version}"` })
      assert.equal(again.status, 200, again.text)
      assert.equal(
        (await worker('GET', `/api/quality/${first}`)).body.data[0].note,
        null,
        'nor what is written meanwhile',
      )
      assert.equal(await rowsOf(), 0)
      assert.deepEqual(
        (await admin('GET', `/api/privacy/people/${id}/export`)).body.returns[1].customer.name,
        asha.name,
      )
      assert.equal((await find({ phone: asha.phone, clientId })).body.data[0].isRestricted, true)
      assert.equal((await restrict(false, 'resolved')).body.isRestricted, false)
      assert.equal((await admin('GET', `/api/returns/${first}`)).body.customer.name, asha.name)
      assert.equal((await worker('GET', `/api/quality/${first}`)).body.data[0].note, 'Asha wrote her name on the box')
    },
  )
  await t.test('by role: a worker sees the words about the goods, an analyst nobody', async () => {
    assert.deepEqual((await worker('GET', `/api/returns/${first}`)).body.customer, { note: asha.note })
    assert.equal((await analyst('GET', `/api/returns/${first}`)).body.customer, null)
    assert.equal((await analyst('GET', `/api/quality/${first}`)).body.data[0].note, null)
  })

  await t.test('erasure: not by accident, not while units are on their way', async () => {
    const id = await idOf({ email: asha.email })
    const erase = (body: object) => admin('POST', `/api/privacy/people/${id}/erase`, body)
    assert.equal((await erase({})).status, 400)
    assert.equal((await erase({ confirm: 'yes' })).status, 400)
    const open = await erase({ confirm: 'erase' })
    assert.deepEqual([open.status, open.body.code], [409, 'returns_open'])
    assert.equal((await admin('GET', `/api/returns/${first}`)).body.customer.name, asha.name)
  })
  await t.test('erasure: nothing of the person opens any more, the photo and the stored answer are gone', async () => {
    const id = await idOf({ email: asha.email })
    await settle(second)
    const etag = String((await admin('GET', `/api/returns/${first}`)).headers['etag'])
    const erase = (body = { confirm: 'erase', evenIfOpen: true }) =>
      admin('POST', `/api/privacy/people/${id}/erase`, body, { 'idempotency-key': 'erase-1' })
    const erased = await erase()
    assert.equal(erased.status, 200, erased.text)
    const repeated = await erase()
    assert.equal(repeated.headers['idempotent-replayed'], 'true')
    assert.deepEqual(repeated.body, erased.body)
    assert.equal((await erase({ confirm: 'erase', evenIfOpen: false })).status, 422)
    const { returns, files, answers: stored, finishedAt } = erased.body
    assert.deepEqual([returns, files, stored], [2, 1, 1])
    assert.ok(finishedAt)
    const seen = await admin('GET', `/api/returns/${first}`, undefined, { 'if-none-match': etag })
    assert.equal(seen.status, 200, 'a copy of before is no longer valid')
    assert.deepEqual([seen.body.customer, seen.body.isCustomerMasked], [null, false])
    const [check] = (await admin('GET', `/api/quality/${first}`)).body.data
    assert.deepEqual([check.note, check.photos], [null, []])
    assert.equal((await worker('GET', `/api/files/${photo}`)).status, 404)
    const timeline = (await admin('GET', `/api/returns/${first}/timeline`)).body.data
    assert.equal(timeline[0].type, 'CustomerErased')
    assert.equal((await admin('GET', `/api/returns/${neighbour}`)).body.customer.name, 'Ravi')
  })
  await t.test('erasure: it can be proved and repeated, and read models, invariants and chain hold', async () => {
    const [found] = (await find({ ref: asha.ref, clientId })).body.data
    assert.ok(found.erasedAt)
    assert.deepEqual([found.hint, found.returns], [null, 0])
    assert.deepEqual((await find({ email: asha.email, clientId })).body.data, [], 'no mark is left')
    const again = await admin('POST', `/api/privacy/people/${found.id}/erase`, { confirm: 'erase' })
    assert.equal(again.body.returns, 2)
    const restrict = { isRestricted: true, reason: 'claims' }
    const refused = await admin('POST', `/api/privacy/people/${found.id}/restrict`, restrict)
    assert.deepEqual([refused.status, refused.body.code], [409, 'person_erased'])
    assert.deepEqual((await verifyReplay(ctx)).differences, [])
    assert.deepEqual(await checkInvariants(ctx.db), [])
    assert.equal((await verifyAudit(ctx.db)).isIntact, true)
    const other = (await find({ email: asha.email })).body.data
    assert.deepEqual(
      other.map((person: any) => [person.clientId, person.erasedAt]),
      [[otherClient, null]],
    )
  })
  await t.test('work goes on with the unit, and the person may come again', async () => {
    const decided = await admin('POST', `/api/returns/${first}/disposition`, { note: 'decided after the erasure' })
    assert.ok([200, 409].includes(decided.status), decided.text)
    const again = await submit(unit(clientId, { customer: asha }))
    assert.deepEqual((await admin('GET', `/api/returns/${again}`)).body.customer, asha)
    const [found] = (await find({ email: asha.email, clientId })).body.data
    assert.deepEqual([found.returns, found.erasedAt], [1, null])
    const json = await admin('GET', `/api/privacy/people/${found.id}/export`)
    assert.deepEqual(
      json.body.returns.map((each: any) => each.id),
      [again],
    )
    await settle(again)
    await admin('POST', `/api/privacy/people/${found.id}/erase`, { confirm: 'erase' })
    assert.equal((await admin('GET', `/api/returns/${again}`)).body.customer, null)
    assert.deepEqual((await verifyReplay(ctx)).differences, [])
  })
  await t.test('an erasure that was interrupted is completed by the next look', async () => {
    const id = await submit(unit(clientId, { customer: { email: 'late@example.com' } }))
    await settle(id)
    const person = await idOf({ email: 'late@example.com' })
    const broken = { ...ctx, blobs: { ...ctx.blobs, remove: () => Promise.reject(new Error('the disk is away')) } }
    await ctx.db.query(
      `insert into files (id, client_id, kind, media_type, bytes, sha256, blob_key, name, created_by, created_at)
       values (gen_random_uuid(), $1, 'errors', 'text/csv', 1, '', 'errors/x', 'x', 'test', $2)`,
      [clientId, new Date(ctx.clock.ms - 1000)],
    )
    const { erasePerson } = await import('#flows/erase-person.ts')
    const asker = {
      actor: { kind: 'system', id: 't', role: 'system', hubIds: null, clientIds: null, scopes: [] },
      requestId: 't',
    } as const
    await assert.rejects(
      erasePerson(broken, asker, { id: person, reason: 'request', evenIfOpen: false }),
      /disk is away/,
    )
    assert.equal((await admin('GET', `/api/returns/${id}`)).body.customer, null, 'the key is gone before all else')
    assert.equal(await completeErasures(ctx), 0, 'one that is under way is left alone')
    ctx.clock.ms += 200_000
    assert.equal(await completeErasures(ctx), 1)
    assert.equal((await ctx.db.query("select 1 from files where kind = 'errors'")).length, 0)
    assert.equal((await ctx.db.query('select 1 from person_erasures where finished_at is null')).length, 0)
  })
  await t.test('why a unit was cancelled is sealed as well, and told to who may know', async () => {
    const id = await submit(unit(clientId, { customer: { email: 'why@example.com' } }))
    const { version } = (await admin('GET', `/api/returns/${id}`)).body
    const body = { command: 'cancel', reason: 'Farah changed her mind' }
    assert.equal((await admin('PUT', `/api/returns/${id}`, body, { 'if-match': `"${version}"` })).status, 200)
    const summary = async (call: Call) => (await call('GET', `/api/returns/${id}/timeline`)).body.data[0].summary
    assert.equal(await summary(admin), 'cancelled: Farah changed her mind')
    assert.equal(await summary(analyst), 'cancelled: cancelled by the caller')
    const rows = await ctx.db.query<{ data: unknown }>('select data from events where stream = $1', [`return-${id}`])
    assert.doesNotMatch(JSON.stringify(rows), /Farah/)
    const person = await idOf({ email: 'why@example.com' })
    const told = (await admin('GET', `/api/privacy/people/${person}/export`)).body
    assert.equal(told.returns[0].notes[0].text, 'Farah changed her mind')
    await admin('POST', `/api/privacy/people/${person}/erase`, { confirm: 'erase' })
    assert.equal(await summary(admin), 'personal data erased')
    const entries = (await admin('GET', `/api/returns/${id}/timeline`)).body.data
    assert.equal(entries[1].summary, 'cancelled: cancelled by the caller')
  })
  await t.test('a backup that is put back brings nobody back', async () => {
    const id = await submit(unit(clientId, { customer: { name: 'Zoya', email: 'zoya@example.com' } }))
    await settle(id)
    const person = await idOf({ email: 'zoya@example.com' })
    const tables = ['person_keys', 'return_items'] as const
    const saved = await Promise.all(
      tables.map((table) => ctx.db.query(`select to_json(r) as row from ${table} r where person_id = $1`, [person])),
    )
    const erased = await admin('POST', `/api/privacy/people/${person}/erase`, { confirm: 'erase' })
    assert.equal(await reapplyErasures(ctx), 0)
    // The rows as the backup has them, the events are not of importance here.
    await ctx.db.query('delete from person_erasures where id = $1', [erased.body.id])
    await ctx.db.query(
      `update person_keys k set wrapped_key = n.wrapped_key, erased_at = null from json_populate_record(null::person_keys, $1) n where k.person_id = n.person_id`,
      [JSON.stringify(saved[0]![0]!['row'])],
    )
    const event = await ctx.db.query<{ sealed: string }>(
      `select data ->> 'customerSealed' as sealed from events where stream = $1 and version = 1`,
      [`return-${id}`],
    )
    await ctx.db.query('update return_items set person_id = $2, customer_sealed = $3 where id = $1', [
      id,
      person,
      event[0]!.sealed,
    ])
    assert.equal((await admin('GET', `/api/returns/${id}`)).body.customer.name, 'Zoya', 'it is back')
    assert.equal(await reapplyErasures(ctx), 1)
    assert.equal((await admin('GET', `/api/returns/${id}`)).body.customer, null)
    assert.equal(await reapplyErasures(ctx), 0)
  })
  await t.test('who is bound to clients sees to the persons of these alone', async () => {
    const own = await submit(unit(clientId, { customer: { email: 'bound@example.com' } }))
    await submit(unit(otherClient, { customer: { email: 'bound@example.com' } }))
    await settle(own)
    const bound = await app.as('admin', [], [clientId])
    const found = await find({ email: 'bound@example.com' }, bound)
    assert.equal(found.status, 200, found.text)
    assert.deepEqual(
      found.body.data.map((person: any) => person.clientId),
      [clientId],
    )
    const foreign = (await find({ email: 'bound@example.com', clientId: otherClient })).body.data[0].id
    assert.equal((await find({ email: 'bound@example.com', clientId: otherClient }, bound)).status, 404)
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/export', undefined],
      ['POST', '/erase', { confirm: 'erase', evenIfOpen: true }],
      ['POST', '/restrict', { isRestricted: true, reason: 'claims' }],
      ['POST', '/consents', { purpose: 'surveys', isGiven: true, source: 'mail' }],
    ] as const)
      assert.equal(
        (await bound(method, `/api/privacy/people/${foreign}${path}`, body)).status,
        404,
        `${method} ${path}`,
      )
    const { id } = found.body.data[0]
    assert.equal((await bound('GET', `/api/privacy/people/${id}/export`)).body.returns[0].id, own)
    const consent = { purpose: 'surveys', isGiven: true, source: 'mail' }
    assert.equal((await bound('POST', `/api/privacy/people/${id}/consents`, consent)).status, 200)
    const restrict = { isRestricted: true, reason: 'claims' }
    assert.equal((await bound('POST', `/api/privacy/people/${id}/restrict`, restrict)).status, 200)
    const erased = await bound('POST', `/api/privacy/people/${id}/erase`, { confirm: 'erase' })
    assert.equal(erased.status, 200, erased.text)
    assert.equal((await admin('GET', `/api/returns/${own}`)).body.customer, null)
    assert.equal((await bound('GET', '/api/privacy/retention')).status, 403)
    assert.equal((await bound('POST', '/api/privacy/retention/runs', {})).status, 403)
    const breach = await bound('POST', '/api/privacy/breach-reports', { since: '2026-01-01T00:00:00Z' })
    assert.deepEqual(
      breach.body.clients.map((client: any) => client.id),
      [clientId],
    )
    assert.deepEqual((await verifyReplay(ctx)).differences, [])
  })
  await t.test('units without a customer: notes and photos go by the unit', async () => {
    const erased = await admin('POST', '/api/privacy/returns/erase', {
      confirm: 'erase',
      returnIds: [nobody, neighbour],
    })
    assert.deepEqual(erased.body, { returns: 1, files: 0, answers: 0 }, 'a unit of a person is not touched by this')
    assert.equal((await admin('GET', `/api/returns/${neighbour}`)).body.customer.name, 'Ravi')
    assert.deepEqual(await checkInvariants(ctx.db), [])
  })
})
