import assert from 'node:assert/strict'
import { parse } from 'csv-parse/sync'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { importJob, importJobKind } from '#flows/import-job.ts'
import { runJob } from '#platform/jobs/store.ts'
import { recordShippedMappings } from '#services/returns/index.ts'
import { textRows, workbookOf } from '../support/zip.ts'
import { openTestApp, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { returnsTable, shippedMapping } from '../support/import-files.ts'

const boundary = 'x-boundary-of-the-test'

function form(fields: Readonly<Record<string, string>>, name: string, file: string | Buffer): Buffer {
  const parts = Object.entries(fields).map(
    ([key, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/csv\r\n\r\n`
  return Buffer.concat([Buffer.from(parts.join('') + head), Buffer.from(file), Buffer.from(`\r\n--${boundary}--\r\n`)])
}

const multipart = { 'content-type': `multipart/form-data; boundary=${boundary}` }

test('imports over HTTP', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const clientId = await givenClient(ctx)
  const otherId = await givenClient(ctx, 'other')
  await givenHub(ctx, { capacity: 100_000 })
  await recordShippedMappings(
    ctx.db,
    await Promise.all(['smartreturns-csv', 'amazon-in-orders', 'superstore'].map(shippedMapping)),
    new Date(ctx.now()),
  )
  await ctx.jobs.work(importJobKind, (input) =>
    runJob(ctx, String(input['jobId']), (asked, run) => importJob(ctx, asked, run)),
  )
  const admin = await app.as('admin')
  const key = await app.asKey(clientId, ['imports:write', 'jobs:read', 'files:read', 'returns:read'])
  const upload = (call: Call, fields: Readonly<Record<string, string>>, file: string | Buffer, name = 'returns.csv') =>
    call('POST', '/api/imports', form(fields, name, file), multipart)
  // The answer is many lines of JSON, which is no JSON: it is read as text.
  const bulk = async (body: string | Buffer, { type = 'application/x-ndjson', query = '', as = key } = {}) => {
    const answer = await as('POST', `/api/returns/bulk${query}`, body, { 'content-type': type })
    return {
      ...answer,
      lines:
        answer.status === 200
          ? answer.text
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line))
          : [],
    }
  }
  const recorded = async () => (await ctx.db.query<{ n: number }>('select count(*) as n from return_items'))[0]!.n

  await t.test('a file is taken in by a job; its refused rows are a file; the upload is not kept', async () => {
    const accepted = await upload(key, { mapping: 'smartreturns-csv' }, returnsTable(30, { bad: [3] }))
    assert.equal(accepted.status, 202, accepted.text)
    assert.equal(accepted.headers['location'], `/api/jobs/${accepted.body.id}`)
    const read = await key('GET', `/api/imports/${accepted.body.id}`)
    assert.equal(read.body.state, 'done', read.text)
    assert.deepEqual([read.body.report.counts.accepted, read.body.report.counts.refused], [29, 1])
    const errors = await key('GET', `/api/files/${read.body.errorsFileId}`)
    assert.match(errors.text, /^line,column,code,reason,value\r\n5,price,number_format/)
    const kept = await ctx.db.query(`select kind from files`)
    assert.deepEqual(kept, [{ kind: 'errors' }])
    assert.equal(await recorded(), 29)
  })

  await t.test('the same file again adds nothing and says so; a dry run says what would be', async () => {
    const again = await upload(key, {}, gzipSync(returnsTable(30, { bad: [3] })), 'returns.csv.gz')
    const read = await key('GET', `/api/imports/${again.body.id}`)
    assert.equal(read.body.report.state, 'already_imported')
    const dry = await upload(admin, { clientId, dryRun: 'true' }, returnsTable(10, { prefix: 'DRY' }))
    const judged = await admin('GET', `/api/imports/${dry.body.id}`)
    assert.deepEqual([judged.body.report.isDryRun, judged.body.report.counts.accepted], [true, 10])
    assert.equal(await recorded(), 29)
  })

  await t.test('what a file is, is told from its beginning; nothing is kept', async () => {
    const survey = (file: string | Buffer, call = admin) =>
      call('POST', '/api/imports/survey', form({}, 'shop.csv', file), multipart)
    const jobs = async () => (await admin('GET', '/api/jobs?limit=200')).body.data.length as number
    const before = await jobs()
    const known = await survey(returnsTable(40))
    assert.equal(known.status, 200)
    assert.equal(known.body.mapping, 'smartreturns-csv')
    assert.ok(known.body.fits.includes('smartreturns-csv'))
    assert.equal(known.body.rows.length, 5)
    assert.equal(known.body.rows[0].length, known.body.header.length)
    const cut = Buffer.from('Order No;Client Ref;Reason\n1;R-1;too small\n2;R-')
    const other = await survey(cut)
    const { mapping, delimiter, header, targets } = other.body
    assert.deepEqual([mapping, delimiter, header], [null, ';', ['Order No', 'Client Ref', 'Reason']])
    const key = targets.returns.find((target: { name: string }) => target.name === 'clientRef')
    assert.deepEqual(key, { name: 'clientRef', form: 'text', isRequired: true, column: 'Client Ref' })
    assert.equal((await survey(gzipSync(returnsTable(3)))).body.mapping, 'smartreturns-csv')
    const sheet = parse(returnsTable(3))
    assert.equal((await survey(workbookOf(textRows(sheet)))).body.mapping, 'smartreturns-csv')
    const cutBook = await survey(workbookOf(textRows(sheet)).subarray(0, 500))
    assert.deepEqual([cutBook.status, cutBook.body.code], [400, 'workbook_broken'])
    assert.equal((await survey(Buffer.from('%PDF-1.7'))).status, 415)
    assert.equal((await survey(cut, await app.as('analyst'))).status, 403)
    assert.equal(await jobs(), before)
  })

  await t.test('what is wrong is told: no table, no such mapping, no such client, another client', async () => {
    const book = await upload(key, {}, Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]))
    const read = await key('GET', `/api/imports/${book.body.id}`)
    assert.equal(read.body.state, 'failed')
    assert.match(read.body.error, /CSV UTF-8/)
    assert.equal((await upload(key, { mapping: 'none' }, 'a\n1')).body.code, 'mapping_unknown')
    assert.equal((await upload(admin, {}, 'a\n1')).body.code, 'client_missing')
    assert.equal((await upload(key, { clientId: otherId }, 'a\n1')).body.code, 'client_unknown')
    assert.equal((await key('POST', '/api/imports', '{}')).status, 415)
    assert.equal((await (await app.asKey(otherId, ['jobs:read']))('GET', `/api/imports/${book.body.id}`)).status, 404)
    assert.deepEqual(await ctx.db.query(`select name from files where kind = 'import'`), [])
  })

  await t.test('JSON lines in, one line a unit out, bad lines told by their number, then the counts', async () => {
    const unit = (ref: string, more: object = {}) =>
      JSON.stringify({
        clientRef: ref,
        title: 'Kurta',
        categoryId: 'fashion.apparel.ethnic',
        price: { amount: 79900, currency: 'INR' },
        pickupPincode: '560034',
        ...more,
      })
    const body = [
      unit('N-1'),
      '',
      unit('N-2', { colour: 'red' }),
      '{"clientRef":',
      unit('N-3', { categoryId: 'no.such.thing' }),
      unit('N-4'),
      unit('N-1'),
    ].join('\n')
    const { lines, headers } = await bulk(body)
    assert.match(String(headers['content-type']), /x-ndjson/)
    assert.deepEqual(
      lines.slice(0, -1).map((l) => [l.line, l.status, l.problem?.code ?? l.value.clientRef]),
      [
        [1, 201, 'N-1'],
        [3, 400, 'invalid'],
        [4, 400, 'json_malformed'],
        [5, 400, 'category_unknown'],
        [6, 201, 'N-4'],
        [7, 409, 'client_ref_repeated'],
      ],
    )
    assert.equal(lines[1].problem.errors[0].pointer, '/colour')
    assert.deepEqual(lines.at(-1), { counts: { rows: 6, recorded: 2, repeated: 0, refused: 4 } })
    const again = await bulk(body)
    assert.deepEqual(again.lines.at(-1).counts, { rows: 6, recorded: 0, repeated: 3, refused: 3 })
  })

  await t.test('CSV by the same mapping, many batches, in order', async () => {
    const { lines } = await bulk(returnsTable(700, { bad: [600], prefix: 'B' }), { type: 'text/csv' })
    assert.deepEqual(lines.at(-1).counts, { rows: 700, recorded: 699, repeated: 0, refused: 1 })
    assert.deepEqual(
      lines.slice(0, -1).map((l) => l.line),
      Array.from({ length: 700 }, (_, i) => i + 2),
    )
  })

  await t.test('a body that is wrong as a whole is a problem, not a line', async () => {
    assert.equal((await bulk('a,b\n1,2\n', { type: 'text/csv' })).body.code, 'mapping_does_not_fit')
    assert.equal((await bulk('a,b\n1,2\n', { type: 'text/csv', query: '?mapping=none' })).body.code, 'mapping_unknown')
    assert.equal(
      (await bulk('order_key,category\n1,2\n', { type: 'text/csv', query: '?mapping=amazon-in-orders' })).body.code,
      'mapping_kind',
    )
    assert.equal((await bulk('')).status, 400)
    assert.equal((await bulk('<html></html>')).status, 415)
    assert.equal((await bulk('{}', { type: 'image/png' })).status, 415)
    assert.equal((await bulk(returnsTable(1), { type: 'text/csv', as: admin })).body.code, 'client_missing')
    assert.equal((await bulk('{}', { as: await app.as('worker') })).status, 403)
    // None of them holds a place: the next one is served.
    assert.equal((await bulk('{}')).status, 200)
  })

  await t.test('mappings: saved, replaced at the version seen, forgotten; shipped ones stay', async () => {
    const mine = { name: 'mine', version: 1, kind: 'returns', columns: { clientRef: { from: 'ref' } } }
    const made = await admin('POST', '/api/import-mappings', mine)
    assert.equal(made.status, 201, made.text)
    assert.equal((await admin('POST', '/api/import-mappings', mine)).status, 409)
    const wrong = await admin('POST', '/api/import-mappings', {
      ...mine,
      name: 'other',
      columns: { clientRf: { from: 'ref' } },
    })
    assert.equal(wrong.status, 422)
    assert.match(wrong.body.errors[0].detail, /nearest is "clientRef"/)
    const next = { ...mine, columns: { clientRef: { from: 'reference' } } }
    assert.equal((await admin('PUT', '/api/import-mappings/mine', next)).status, 428)
    assert.equal((await admin('PUT', '/api/import-mappings/mine', next, { 'if-match': '"9"' })).status, 412)
    const put = await admin('PUT', '/api/import-mappings/mine', next, { 'if-match': '"1"' })
    assert.deepEqual([put.status, put.body.version, put.headers['etag']], [200, 2, '"2"'])
    assert.equal(
      (await admin('DELETE', '/api/import-mappings/superstore', undefined, { 'if-match': '"1"' })).status,
      409,
    )
    assert.equal((await admin('DELETE', '/api/import-mappings/mine', undefined, { 'if-match': '"2"' })).status, 204)
    const list = await admin('GET', '/api/import-mappings')
    assert.deepEqual(
      list.body.data.map((saved: { mapping: { name: string } }) => saved.mapping.name),
      ['amazon-in-orders', 'smartreturns-csv', 'superstore'],
    )
  })
})
