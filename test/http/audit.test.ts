import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { AuditExport } from '#contracts/audit.ts'
import { networkOf, agentOf } from '#platform/auth/origin.ts'
import { openRefusals, type Refusal } from '#platform/events/refusals.ts'
import { openTestApp } from '../support/app.ts'
import { openTestContext } from '../support/context.ts'
import { givenClient, givenHub, submission } from '../support/given.ts'

const script = resolve(import.meta.dirname, '..', '..', 'scripts', 'verify-audit-export.mjs')
const run = promisify(execFile)

function request(clientId: string) {
  const { source: _, ...body } = submission(clientId)
  return { ...body, customer: { name: 'Marker Person', note: 'too tight' } }
}

test('the audit trail tells who did what to what, from where, before and after', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const hub = await givenHub(app.ctx)
  const admin = await app.as('admin')
  const agent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x64) Gecko/20100101 Firefox/140.0' }
  const made = await admin('POST', '/api/returns', request(clientId), agent)
  assert.equal(made.status, 201, made.text)
  const renamed = await admin(
    'PUT',
    `/api/hubs/${hub.id}`,
    { name: 'Whitefield' },
    { 'if-match': `"${hub.version}"`, ...agent },
  )
  assert.equal(renamed.status, 200, renamed.text)

  await t.test('filters: who, what, which object, from when to when; pages by cursor', async () => {
    const me = (await admin('GET', '/api/auth/me')).body.id as string
    const mine = (await admin('GET', `/api/audit?filter[by]=${me}&limit=200`)).body.data as {
      by: string
      byName: string
      from: string
      type: string
    }[]
    assert.ok(mine.length > 3)
    for (const { by, byName, from, type } of mine) {
      const agent = type === 'SignedIn' ? 'other' : 'firefox'
      assert.deepEqual([by, byName, from], [me, 'admin', `127.0.0.0/24 ${agent}`])
    }
    const hubs = (await admin('GET', '/api/audit?filter[type]=HubUpdated')).body.data
    assert.deepEqual(
      hubs.map((record: { stream: string }) => record.stream),
      [`hub-${hub.id}`],
    )
    const ofReturn = (await admin('GET', `/api/audit?filter[stream]=return-${made.body.id}&sort=seq`)).body.data
    assert.equal(ofReturn[0].type, 'ReturnSubmitted')
    assert.ok(!JSON.stringify(ofReturn).includes('Marker'))
    const at = ofReturn[0].at as string
    assert.equal((await admin('GET', `/api/audit?filter[at]=gt:${at}&filter[at]=lt:${at}`)).body.data.length, 0)
    const first = (await admin('GET', '/api/audit?limit=2')).body
    const second = (await admin('GET', `/api/audit?limit=2&cursor=${encodeURIComponent(first.page.nextCursor)}`)).body
    assert.equal(second.data[0].seq, first.data[1].seq - 1)
  })

  await t.test('one record: what it changed, under a signed checkpoint that its proof leads to', async () => {
    const [change] = (await admin('GET', '/api/audit?filter[type]=HubUpdated')).body.data
    const open = (await admin('GET', `/api/audit/records/${change.seq}`)).body
    assert.deepEqual(
      open.changes.find((c: { field: string }) => c.field.endsWith('name')),
      {
        field: open.changes.find((c: { field: string }) => c.field.endsWith('name')).field,
        before: 'Bengaluru',
        after: 'Whitefield',
      },
    )
    assert.deepEqual([open.checkpoint, open.isProven], [null, false])
    await app.audit.checkpoints.make()
    const signed = (await admin('GET', `/api/audit/records/${change.seq}`)).body
    assert.equal(signed.isProven, true)
    assert.equal((await admin('GET', '/api/audit/checkpoints')).body.newest.size, signed.checkpoint.size)
    assert.equal((await admin('GET', '/api/audit/records/999999')).status, 404)
    const sealed = (await admin('GET', `/api/audit?filter[stream]=return-${made.body.id}&filter[type]=ReturnSubmitted`))
      .body.data[0]
    const detail = (await admin('GET', `/api/audit/records/${sealed.seq}`)).body
    assert.equal(detail.changes.find((c: { field: string }) => c.field === 'customerSealed').after, 'sealed')
    const report = (await admin('GET', '/api/audit/verify')).body
    assert.deepEqual(
      [report.isIntact, report.signed, report.copied],
      [true, signed.checkpoint.size, signed.checkpoint.size],
    )
  })

  await t.test('the export of a return is checked by a script of its own, and any change is found', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-export-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const answer = await admin('GET', `/api/audit/returns/${made.body.id}/export`)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.headers['content-disposition'], `attachment; filename="audit-${made.body.id}.json"`)
    assert.ok(!answer.text.includes('Marker'))
    const check = async (body: unknown, ...more: string[]) => {
      const file = join(folder, 'export.json')
      writeFileSync(file, JSON.stringify(body))
      return run(process.execPath, [script, file, ...more]).then(
        ({ stdout }) => stdout,
        (error: { stderr: string }) => error.stderr,
      )
    }
    const good = answer.body as AuditExport
    assert.match(await check(good), /^good: all \d+ records/)
    assert.match(await check(good, '--key', good.publicKey), /^good/)
    assert.match(await check(good, '--key', Buffer.alloc(32, 1).toString('base64')), /^BAD: .*another key/)
    const records = good.records
    const other = await admin('POST', '/api/returns', request(clientId))
    const another = (await admin('GET', `/api/audit/returns/${other.body.id}/export`)).body as AuditExport
    const forged: readonly (readonly [string, unknown, RegExp])[] = [
      [
        'payload',
        { ...good, records: records.map((r, i) => (i === 1 ? { ...r, data: `${r.data} ` } : r)) },
        /not what was signed/,
      ],
      [
        'time',
        { ...good, records: records.map((r, i) => (i === 0 ? { ...r, micros: '1' } : r)) },
        /not what was signed/,
      ],
      ['last record left out', { ...good, records: records.slice(0, -1) }, /statement: it speaks of/],
      ['first record left out', { ...good, records: records.slice(1) }, /version 2 stands where 1 belongs/],
      ['another object', { ...good, records: another.records }, /it is of return-/],
      ['statement of another', { ...good, statement: another.statement }, /statement: it is about something else/],
      [
        'older checkpoint text',
        { ...good, checkpoint: good.checkpoint.replace('time 20', 'time 19') },
        /checkpoint: the signature/,
      ],
      ['another key', { ...good, publicKey: Buffer.alloc(32, 2).toString('base64') }, /BAD/],
      ['no proof', { ...good, records: records.map((r) => ({ ...r, proof: [] })) }, /not what was signed/],
    ]
    for (const [name, body, problem] of forged) assert.match(await check(body), problem, name)
  })

  await t.test('a record that was changed is never exported', async () => {
    const { owner } = app.ctx.db
    await owner.query('alter table events disable trigger user')
    await owner.query(`update events set data = '{}' where stream = $1 and version = 2`, [`return-${made.body.id}`])
    const answer = await admin('GET', `/api/audit/returns/${made.body.id}/export`)
    assert.deepEqual([answer.status, answer.body.code], [409, 'audit_changed'])
    const unknown = await admin('GET', '/api/audit/returns/01920000-0000-7000-8000-000000000001/export')
    assert.equal(unknown.status, 404)
  })
})

test('who was refused is in the audit trail', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const worker = await app.as('worker', [(await givenHub(app.ctx)).id])
  const id = '01920000-0000-7000-8000-000000000001'
  await worker('GET', '/api/users')
  await worker('GET', '/api/users')
  await worker('GET', `/api/returns/${id}`)
  await app.call('GET', '/api/returns', undefined, { authorization: 'Bearer not-a-token' })
  await worker('GET', '/api/returns')
  await app.audit.refusals.close()
  const events = (await app.ctx.events.read(0, 1000)).filter(({ stream }) => stream.startsWith('access-'))
  const told = events.map(({ type, data }) => [type, data.code, data.route, data.count])
  assert.deepEqual(told, [
    ['AccessRefused', 'forbidden', '/api/users', 2],
    ['AccessRefused', 'not_found', '/api/returns/:id', 1],
    ['AccessRefused', 'unauthenticated', '/api/returns', 1],
  ])
  assert.equal((events[0]!.data.by as { kind: string }).kind, 'user')
  assert.equal((events[2]!.data.by as { kind: string }).kind, 'nobody')
  assert.ok(!JSON.stringify(events).includes('not-a-token'))
  assert.ok(clientId !== '')
})

test('nobody can flood the log by being refused', async (t) => {
  const ctx = await openTestContext(t)
  const refusals = openRefusals(ctx, { flushMs: 3_600_000, kindsMax: 5 })
  const refusal = (route: string): Refusal => ({
    code: 'forbidden',
    problem: 'permission_missing',
    method: 'GET',
    route,
    by: null,
    from: '192.0.2.0/24 other',
    requestId: 'request-1',
  })
  for (let i = 0; i < 1000; i++) refusals.add(refusal(`/api/${i % 50}`))
  await refusals.close()
  const events = (await ctx.events.read(0, 1000)).filter(({ stream }) => stream.startsWith('access-'))
  assert.equal(events.length, 6)
  assert.equal(
    events.reduce((sum, { data }) => sum + Number(data.count), 0),
    1000,
  )
})

test('addresses are kept as networks, agents as kinds', () => {
  const networks = {
    '203.0.113.77': '203.0.113.0/24',
    '::ffff:10.1.2.3': '10.1.2.0/24',
    '::1': '0:0:0::/48',
    '2001:db8:abcd:12::9': '2001:db8:abcd::/48',
    'fe80::1%eth0': 'fe80:0:0::/48',
    rubbish: 'unknown',
  }
  for (const [address, network] of Object.entries(networks)) assert.equal(networkOf(address), network)
  assert.equal(agentOf('curl/8.5.0'), 'command line')
  assert.equal(agentOf(''), 'none')
  assert.equal(agentOf('Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0'), 'edge')
  assert.equal(agentOf('a\nb\u001b[31m'), 'other')
})
