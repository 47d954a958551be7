import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataClasses, dataClassNames } from '#contracts/retention.ts'
import { verifyReplay } from '#flows/replay.ts'
import { nightlyMax, runRetention } from '#flows/run-retention.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openTestApp } from '../support/app.ts'
import { givenClient } from '../support/given.ts'

const dayMs = 86_400_000

test('each class of data is kept as long as its policy says', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const { db } = ctx
  const clientId = await givenClient(ctx)
  let admin = await app.as('admin')
  const submit = async (body: object, headers = {}): Promise<{ id: string; version: number }> => {
    const unit = {
      clientId,
      clientRef: uuidv7(ctx.now()),
      title: 'Cotton kurta',
      categoryId: 'fashion.apparel.ethnic',
      price: { amount: 79900, currency: 'INR' },
      reasonCode: 'size_or_fit',
      pickupPincode: '560034',
      ...body,
    }
    const answer = await admin('POST', '/api/returns', unit, headers)
    assert.equal(answer.status, 201, answer.text)
    return (await admin('GET', `/api/returns/${answer.body.id}`)).body
  }
  const cancel = (unit: { id: string; version: number }) =>
    admin('DELETE', `/api/returns/${unit.id}`, undefined, { 'if-match': `"${unit.version}"` })
  const past = await submit({ customer: { email: 'past@example.com' } }, { 'idempotency-key': 'k-old' })
  await cancel(past)
  const still = await submit({ customer: { email: 'still@example.com' } })
  const both = await submit({ customer: { email: 'both@example.com' } })
  await cancel(both)
  /** Rows of `atMs` in every class that has no way of its own into the tables. */
  const plant = async (atMs: number) => {
    const at = new Date(atMs)
    const file = async (kind: string) => {
      const id = uuidv7(atMs)
      const key = `${kind === 'import' ? 'import' : kind}/${id}`
      await ctx.blobs.write(key, Buffer.from(kind))
      await db.query(
        `insert into files (id, client_id, kind, media_type, bytes, sha256, blob_key, name, created_by, created_at)
         values ($1, $2, $3, 'text/plain', 1, '', $4, 'x', 'test', $5)`,
        [id, clientId, kind, key, at],
      )
      return key
    }
    const keys = [await file('photo'), await file('import'), await file('errors'), await file('report')]
    const user = (await db.query<{ id: string }>('select id from users limit 1'))[0]!.id
    await db.query(
      `insert into sessions (id, user_id, created_at, last_used_at, expires_at) values ($1, $2, $3, $3, $3)`,
      [uuidv7(atMs), user, at],
    )
    await db.query(
      `insert into jobs (id, kind, state, input, created_by, created_at, finished_at, updated_at) values ($1, 'report', 'done', '{}', 'x', $2, $2, $2)`,
      [uuidv7(atMs), at],
    )
    await db.query('insert into inbox (consumer, message_id, taken_at) values ($1, $2, $3)', ['x', uuidv7(atMs), at])
    const place = { table: 'return_items', row: still.id, field: 'decision_note' }
    const id = `note-${uuidv7(atMs)}`
    const [sealed] = await ctx.secrets.seal([{ personId: id, clientId, plain: 'a note', place }])
    await db.query('update person_keys set created_at = $2 where person_id = $1', [id, at])
    return { keys, note: { personId: id, sealed: sealed!, place } }
  }
  const startMs = ctx.now()
  const old = await plant(startMs - 1200 * dayMs)
  const fresh = await plant(startMs)
  for (const seconds of [0, 1200 * 86_400])
    await db.query(
      `insert into idempotency_keys (caller, route, key, fingerprint, status, answer, created_at) values ('c', 'r', $1, 'f', 200, '{}', $2)`,
      [`k${seconds}`, new Date(startMs - seconds * 1000)],
    )

  await t.test('the program has a figure for each class, and none below what was promised', async () => {
    const { data, kept } = (await admin('GET', '/api/privacy/retention')).body
    assert.deepEqual(
      data.map((policy: any) => policy.dataClass),
      dataClassNames,
    )
    assert.ok(data.every((policy: any) => policy.days >= policy.minDays && policy.isActive && policy.lastRun === null))
    assert.ok(kept.length >= 3)
  })
  await t.test('a dry run counts and changes nothing', async () => {
    const run = await admin('POST', '/api/privacy/retention/runs', {})
    assert.equal(run.status, 200, run.text)
    const found = Object.fromEntries(run.body.results.map((result: any) => [result.dataClass, result.found]))
    assert.deepEqual(found, {
      customer_data: 0,
      staff_notes: 1,
      photos: 1,
      loose_uploads: 1,
      import_files: 1,
      import_errors: 1,
      reports: 1,
      idempotency_keys: 1,
      sessions: 1,
      refresh_tokens: 0,
      jobs: 1,
      webhook_deliveries: 0,
      inbox: 1,
      retention_runs: 0,
    })
    for (const key of old.keys) assert.ok(await ctx.blobs.read(key))
    assert.deepEqual(await ctx.secrets.open([old.note]), ['a note'])
  })
  await t.test('a run removes what is old, by class, and leaves what is not', async () => {
    const one = await admin('POST', '/api/privacy/retention/runs', { isDryRun: false, dataClass: 'import_errors' })
    assert.deepEqual(
      one.body.results.map((result: any) => [result.dataClass, result.removed, result.isComplete]),
      [['import_errors', 1, true]],
    )
    const run = await admin('POST', '/api/privacy/retention/runs', { isDryRun: false })
    assert.equal(run.status, 200, run.text)
    for (const key of old.keys) assert.equal(await ctx.blobs.read(key), null, key)
    for (const key of fresh.keys) assert.ok(await ctx.blobs.read(key), key)
    assert.deepEqual(await ctx.secrets.open([old.note, fresh.note]), [null, 'a note'])
    const left = await db.query<{ key: string }>(`select key from idempotency_keys order by key`)
    assert.deepEqual(
      left.map((row) => row.key),
      ['k-old', 'k0'],
    )
    assert.equal((await db.query('select 1 from jobs')).length, 1)
    const again = (await admin('POST', '/api/privacy/retention/runs', {})).body
    assert.ok(
      again.results.every((result: any) => result.found === 0),
      JSON.stringify(again.results),
    )
  })
  await t.test('persons end with the last step of their last unit, never while one is under way', async () => {
    ctx.clock.ms += 1096 * dayMs
    // The login of three years ago has ended.
    admin = await app.as('admin')
    const later = await submit({ customer: { email: 'both@example.com' } })
    const run = await runRetention(ctx, 'schedule', { isDryRun: false, dataClass: 'customer_data' }, nightlyMax)
    assert.deepEqual(
      run.results.map(({ found, removed }) => [found, removed]),
      [[1, 1]],
    )
    const system = { kind: 'system', id: 't', role: 'system', hubIds: null, clientIds: null, scopes: [] } as const
    const { readReturn } = await import('#services/returns/index.ts')
    const emailOf = async (id: string) => (await readReturn(ctx, system, id)).customer?.email ?? null
    assert.deepEqual(
      [await emailOf(past.id), await emailOf(still.id), await emailOf(both.id), await emailOf(later.id)],
      [null, 'still@example.com', 'both@example.com', 'both@example.com'],
    )
    const [erasure] = await db.query<{ reason: string; by: string }>(
      'select reason, requested_by as by from person_erasures',
    )
    assert.deepEqual(erasure, { reason: 'retention', by: 'retention' })
    assert.deepEqual((await verifyReplay(ctx)).differences, [])
    assert.deepEqual(await checkInvariants(db), [])
  })
  await t.test('every run is a record of the log: by whom, what, how many', async () => {
    const rows = await db.query<{ data: any }>("select data from events where type = 'RetentionRan' order by seq")
    assert.equal(rows.length, 5)
    assert.deepEqual(rows.at(-1)!.data.by, { kind: 'system', id: 'schedule' })
    assert.deepEqual(rows.at(-1)!.data.counts, { customer_data: 1 })
    assert.equal(rows[0]!.data.isDryRun, true)
  })
})

test('an administrator changes a policy, with what was seen, and within bounds', async (t) => {
  const app = await openTestApp(t)
  const admin = await app.as('admin')
  const put = (body: object, version: string | null, call = admin) =>
    call('PUT', '/api/privacy/retention/photos', body, version === null ? {} : { 'if-match': `"${version}"` })
  const changed = await put({ days: 365, isActive: true }, '0')
  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual([changed.body.days, changed.body.version, changed.headers['etag']], [365, 1, '"1"'])
  assert.equal((await put({ days: 400, isActive: true }, '0')).status, 412)
  assert.equal((await put({ days: 400, isActive: true }, null)).status, 428)
  assert.equal((await put({ days: 400, isActive: false }, '1')).body.isActive, false)
  const few = await put({ days: dataClasses.photos.min - 1, isActive: true }, '2')
  assert.deepEqual([few.status, few.body.code], [400, 'days_too_few'])
  const run = (await admin('POST', '/api/privacy/retention/runs', {})).body
  assert.ok(!run.results.some((result: any) => result.dataClass === 'photos'), 'what is off is left alone')
  assert.equal((await admin('PUT', '/api/privacy/retention/audit_log', { days: 1, isActive: true })).status, 400)
  for (const role of ['manager', 'worker', 'analyst'] as const) {
    const call = await app.as(role)
    assert.equal((await put({ days: 365, isActive: true }, '2', call)).status, 403)
    assert.equal((await call('POST', '/api/privacy/retention/runs', { isDryRun: false })).status, 403)
    assert.equal((await call('GET', '/api/privacy/retention')).status, 403)
    assert.equal((await call('POST', '/api/privacy/breach-reports', { since: '2026-01-01T00:00:00Z' })).status, 403)
  }
  const rows = await app.ctx.db.query<{ data: any }>("select data from events where type = 'RetentionChanged'")
  assert.deepEqual(
    rows.map((row) => [row.data.days, row.data.isActive]),
    [
      [365, true],
      [400, false],
    ],
  )
  assert.deepEqual(await checkInvariants(app.ctx.db), [])
})

test('a breach report tells whom, what and since when, by what was misused', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const [one, two] = [await givenClient(ctx), await givenClient(ctx, 'other')]
  const admin = await app.as('admin')
  const submit = async (clientId: string, customer: object, call = admin) =>
    call('POST', '/api/returns', {
      clientId,
      clientRef: uuidv7(ctx.now()),
      title: 'Cotton kurta',
      categoryId: 'fashion.apparel.ethnic',
      price: { amount: 79900, currency: 'INR' },
      reasonCode: 'size_or_fit',
      customer,
    })
  const since = new Date(ctx.now()).toISOString()
  const key = await app.asKey(one, ['returns:create', 'returns:read'])
  await submit(one, { name: 'Asha Kumari', email: 'asha@example.com' }, key)
  await submit(one, { email: 'asha@example.com' })
  await submit(one, { email: 'ravi@example.com', phone: '+919812345678' })
  await submit(two, { email: 'asha@example.com' })
  const until = new Date(ctx.now()).toISOString()
  ctx.clock.ms += 1000
  await submit(one, { email: 'later@example.com' })
  const keyId = (await ctx.db.query<{ id: string }>('select id from api_keys'))[0]!.id
  const report = (body: object, headers = {}) => admin('POST', '/api/privacy/breach-reports', body, headers)

  const whole = await report({ since, until })
  assert.equal(whole.status, 200, whole.text)
  assert.deepEqual(
    [whole.body.persons, whole.body.returns, whole.body.people.length, whole.body.clients.length],
    [3, 4, 3, 2],
  )
  const ofKey = await report({ since, until, actorId: keyId })
  assert.deepEqual([ofKey.body.persons, ofKey.body.clients.map((client: any) => client.id)], [2, [one]])
  assert.deepEqual(ofKey.body.actions.map((action: any) => [action.type, action.times]).slice(0, 1), [
    ['DispositionRecommended', 1],
  ])
  assert.ok(ofKey.body.deadlines.some((each: any) => /72|Art. 33/.test(each.duty)))
  const counts = Object.fromEntries(ofKey.body.dataClasses.map((each: any) => [each.name, each.persons]))
  assert.deepEqual([counts['e-mail address'], counts['telephone number'], counts['name']], [2, 1, 1])

  const text = await report({ since, until, clientIds: [two] }, { accept: 'text/plain' })
  assert.match(String(text.headers['content-type']), /text\/plain/)
  assert.match(text.text, /Persons affected: 1\n/)
  for (const answer of [whole, ofKey, text]) assert.doesNotMatch(answer.text, /asha|ravi|9812345678/i)
  assert.equal((await report({ since: until, until: since })).body.code, 'period_empty')
  assert.equal((await report({ since, actorId: 'nobody' })).status, 404)
  const rows = await ctx.db.query<{ data: any }>("select data from events where type = 'BreachReported' order by seq")
  assert.deepEqual(
    rows.map((row) => row.data.persons),
    [3, 2, 1],
  )
})
