import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { sheetEntries } from '#gateway/action-sheet.ts'
import { openTestApp } from '../support/app.ts'
import { readPdf, readPicture, readZpl } from '../support/decode.ts'
import { givenClient, givenHub } from '../support/given.ts'

const photoForm = (bytes: Buffer) =>
  Buffer.concat([
    Buffer.from('--xYz\r\nContent-Disposition: form-data; name="file"; filename="p.jpg"\r\n'),
    Buffer.from('Content-Type: image/jpeg\r\n\r\n'),
    bytes,
    Buffer.from('\r\n--xYz--\r\n'),
  ])

test('what the station prints is read again by a scanner, and what it scans is told apart', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const hub = await givenHub(app.ctx)
  const away = await givenHub(app.ctx, { code: 'DEL-1', pincode: '110001' })
  const admin = await app.as('admin')
  const worker = await app.as('worker', [hub.id])
  const product = { clientId, sku: 'KURTA-BLUE', title: 'Cotton kurta', ean: '8901234567894' }
  await admin('POST', '/api/products', { ...product, categoryId: 'fashion.apparel.ethnic' })
  let refs = 0
  const take = async (more: object = {}) => {
    const made = await admin('POST', '/api/returns', {
      clientId,
      clientRef: `S-${(refs += 1)}`,
      sku: 'KURTA-BLUE',
      title: 'Cotton kurta',
      price: { amount: 79_900, currency: 'INR' },
      reasonCode: 'size_or_fit',
      pickupPincode: '560034',
      ...more,
    })
    assert.equal(made.status, 201, made.text)
    return made.body as { id: string; lpn: string; rmaNumber: string }
  }
  const scan = async (code: string, context: object = {}) =>
    (await worker('POST', '/api/scan', { code, context: { hubId: hub.id, ...context } })).body

  await t.test('labels hold the code of their unit twice, as Code 128 and as QR, in PDF and in ZPL', async () => {
    const unit = await take()
    const bytes = (format: string) =>
      app.server.inject({ url: `/api/returns/${unit.id}/label?format=${format}&size=4x6`, headers: {} })
    assert.equal((await bytes('pdf')).statusCode, 401)
    const both = [
      { format: 'Code128', text: unit.lpn },
      { format: 'QRCode', text: unit.lpn },
    ]
    const byFormat = (a: { format: string }, b: { format: string }) => (a.format < b.format ? -1 : 1)
    const zpl = await worker('GET', `/api/returns/${unit.id}/label?format=zpl&size=4x6`)
    assert.deepEqual((await readZpl(zpl.text)).toSorted(byFormat), both)
    const pdf = await worker('GET', `/api/returns/${unit.id}/label?format=pdf`)
    assert.deepEqual((await readPdf(pdf.bytes)).toSorted(byFormat), both)
    const png = await worker('GET', `/api/returns/${unit.id}/label?format=png`)
    assert.deepEqual(await readPicture(png.bytes), [both[0]])
    assert.equal((await worker('GET', `/api/returns/${unit.id}/label?size=9x9`)).status, 400)
  })

  await t.test('every barcode of the printed sheet is an action that the scan resolver knows', async () => {
    for (const language of ['en', 'hi']) {
      const sheet = await worker('GET', `/api/station/actions.pdf?language=${language}&bench=LOC-BENCH-07`)
      assert.equal(sheet.headers['content-type'], 'application/pdf')
      const codes = (await readPdf(sheet.bytes)).map(({ text }) => text)
      assert.deepEqual(codes.toSorted(), ['LOC-BENCH-07', ...sheetEntries.map(({ code }) => code)].toSorted())
      assert.equal(sheet.text.match(/\/Type \/Page\b/g)?.length, 1, 'one sheet')
    }
    for (const { code } of sheetEntries) assert.equal((await scan(code)).kind, 'action', code)
    assert.equal((await scan('LOC-BENCH-07')).locationCode, 'LOC-BENCH-07')
  })

  await t.test('one resolver knows a unit by all its codes', async () => {
    const unit = await take({ awb: 'AWB-9001', orderRef: 'OD-118200', serialNumber: 'SN-77' })
    for (const [code, kind] of [
      [unit.lpn.toLowerCase(), 'return'],
      [unit.rmaNumber, 'rma'],
      ['AWB-9001', 'awb'],
      ['OD-118200', 'order'],
      ['SN-77', 'serial'],
      ['(01)08901234567894(21)SN-77', 'serial'],
      [']d2010890123456789410LOT9\u001d21SN-77', 'serial'],
    ] as const) {
      const found = await scan(code)
      assert.deepEqual([found.kind, found.returns[0]?.id, found.next], [kind, unit.id, 'receive'], code)
    }
  })

  await t.test("an article's code is a list to choose from, the longest waiting first", async () => {
    for (const code of ['8901234567894', '08901234567894', '(01)08901234567894', 'KURTA-BLUE']) {
      const found = await scan(code)
      assert.deepEqual([found.kind, found.message, found.next], ['sku', 'choose_one', 'choose'], code)
      const ages = found.returns.map((one: any) => one.createdAt)
      assert.ok(ages.length >= 2)
      assert.deepEqual(ages, ages.toSorted())
    }
    assert.equal((await scan('8901234567894', { hubId: away.id })).message, 'not_found')
  })

  await t.test('a photo whose answer was lost is kept once', async () => {
    const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#8a9a92' } })
      .jpeg()
      .toBuffer()
    const send = (bytes: Buffer) =>
      worker('POST', '/api/files', photoForm(bytes), {
        'content-type': 'multipart/form-data; boundary=xYz',
        'idempotency-key': 'photo-1',
      })
    const [first, second] = [await send(picture), await send(picture)]
    assert.deepEqual([first.status, second.status], [201, 201], first.text)
    assert.equal(second.body.fileId, first.body.fileId)
    assert.equal(second.headers['idempotent-replayed'], 'true')
    const [kept] = await app.ctx.db.query<{ n: number }>("select count(*) as n from files where kind = 'photo'")
    assert.equal(kept!.n, 1)
    const keys = []
    for await (const key of app.ctx.blobs.list()) keys.push(key)
    assert.deepEqual(keys, [`photo/${first.body.fileId}`])
    const other = await sharp({ create: { width: 61, height: 40, channels: 3, background: '#222' } })
      .jpeg()
      .toBuffer()
    assert.equal((await send(other)).body.code, 'idempotency_key_reused')
  })

  await t.test('each thing that is wrong has a message of its own', async () => {
    assert.equal((await scan('NOTHING-LIKE-IT')).message, 'not_found')
    const unit = await take()
    const broken = `${unit.lpn.slice(0, -1)}${unit.lpn.endsWith('7') ? '8' : '7'}`
    assert.equal((await scan(broken)).message, 'read_error')
    assert.equal((await scan(unit.lpn, { lastReturnId: unit.id })).message, 'duplicate_scan')
    const far = await take({ pickupPincode: '110001' })
    const elsewhere = await scan(far.lpn)
    assert.deepEqual([elsewhere.message, elsewhere.next], ['belongs_to_other_hub', 'reroute'])
    await admin('DELETE', `/api/returns/${unit.id}`, undefined, { 'if-match': '"4"' })
    const closed = await scan(unit.lpn)
    assert.equal(closed.message, 'already_closed')
    assert.ok(closed.closed.at)
  })
})
