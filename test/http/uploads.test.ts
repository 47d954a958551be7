import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { openTestApp, type Call } from '../support/app.ts'

const boundary = 'xYz'
const form = (bytes: Buffer, name: string, type: string) =>
  Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
const upload = (call: Call, bytes: Buffer, name = 'photo.jpg', type = 'image/jpeg') =>
  call('POST', '/api/files', form(bytes, name, type), { 'content-type': `multipart/form-data; boundary=${boundary}` })

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(12 + data.length)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), 4 + body.length)
  return framed
}

/** A PNG of a few kilobytes with this many pixels, all of them there. */
function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([1, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(height * (Math.ceil(width / 8) + 1)), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const picture = () => sharp({ create: { width: 300, height: 200, channels: 3, background: '#842' } })

test('row 41: uploads', { timeout: 120_000 }, async (t) => {
  const app = await openTestApp(t)
  const worker = await app.as('worker')

  await t.test('what is no photo is refused by its content, whatever it is called', async () => {
    const jpeg = await picture().jpeg().toBuffer()
    const cases: [string, Buffer, number, string][] = [
      ['an image of 900 megapixels', bomb(30_000, 30_000), 413, 'photo_too_many_pixels'],
      ['an image just too large', bomb(8_000, 5_001), 413, 'photo_too_many_pixels'],
      [
        'SVG with a script',
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        415,
        'photo_svg',
      ],
      ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), 415, 'photo_type_unknown'],
      ['a program', Buffer.from('\x7fELF\x02\x01\x01\x00'.padEnd(200, '\0'), 'latin1'), 415, 'photo_type_refused'],
      [
        'a GIF',
        Buffer.from('GIF89a\x01\x00\x01\x00\x80\x00\x00'.padEnd(100, '\0'), 'latin1'),
        415,
        'photo_type_refused',
      ],
      [
        'JPEG and PDF',
        Buffer.concat([jpeg.subarray(0, 20), Buffer.from('%PDF-1.7 '), jpeg.subarray(20)]),
        400,
        'photo_polyglot',
      ],
      [
        'JPEG and ZIP',
        Buffer.concat([jpeg, Buffer.from('PK\x05\x06' + '\0'.repeat(18), 'latin1')]),
        400,
        'photo_polyglot',
      ],
      ['JPEG and script', Buffer.concat([jpeg, Buffer.from('<script>alert(1)</script>')]), 400, 'photo_polyglot'],
      ['half a JPEG', jpeg.subarray(0, jpeg.length / 2), 400, 'photo_corrupt'],
      ['nothing', Buffer.alloc(0), 400, 'photo_empty'],
    ]
    for (const [what, bytes, status, code] of cases) {
      const answer = await upload(worker, bytes)
      assert.deepEqual([answer.status, answer.body.code], [status, code], what)
    }
    const large = await upload(worker, Buffer.concat([jpeg, Buffer.alloc(10 * 1_048_576)]))
    assert.equal(large.status, 413)
    const stored = await app.ctx.db.query('select 1 from files')
    assert.equal(stored.length, 0)
  })

  await t.test('a form that is none, or is broken, is told so', async () => {
    const send = (type: string, payload: string) => worker('POST', '/api/files', payload, { 'content-type': type })
    const part = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nabc`
    for (const [type, payload, code] of [
      ['multipart/form-data', part, '415 unsupported_media_type'],
      [`multipart/form-data; boundary=${boundary}`, '', '400 file_missing'],
      [`multipart/form-data; boundary=${boundary}`, part, '400 form_malformed'],
      [`multipart/form-data; boundary=${boundary}`, `--${boundary}\r\nX: ${'y'.repeat(90_000)}`, '400 form_malformed'],
      [`multipart/form-data; boundary=${boundary}`, `--${boundary}--\r\n`, '400 file_missing'],
    ] as const) {
      const answer = await send(type, payload)
      assert.equal(`${answer.status} ${answer.body.code}`, code, payload.slice(0, 80))
    }
  })

  await t.test('a photo is made anew: no place, no camera, no name of its sender; served as a file', async () => {
    const original = await picture()
      .withExif({
        IFD0: { Make: 'SPYCAM' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '12/1 58/1 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '77/1 36/1 0/1',
        },
      })
      .jpeg()
      .toBuffer()
    assert.ok(original.includes('SPYCAM'))
    const answer = await upload(worker, original, '../../../etc/passwd\\..\\x.html', 'text/html')
    assert.equal(answer.status, 201, answer.text)
    const file = await app.server.inject({
      method: 'GET',
      url: `/api/files/${answer.body.fileId}`,
      headers: { authorization: await tokenOf() },
    })
    assert.equal(file.statusCode, 200)
    assert.equal(file.headers['content-type'], 'image/jpeg')
    assert.equal(file.headers['x-content-type-options'], 'nosniff')
    assert.equal(file.headers['content-disposition'], `attachment; filename="${answer.body.fileId}.jpg"`)
    assert.match(String(file.headers['content-security-policy']), /default-src 'none'/)
    const metadata = await sharp(file.rawPayload).metadata()
    assert.deepEqual([metadata.exif, metadata.xmp, metadata.iptc], [undefined, undefined, undefined])
    assert.ok(!file.rawPayload.includes('SPYCAM'))
    const [row] = await app.ctx.db.query<{ name: string; key: string }>('select name, blob_key as key from files')
    assert.doesNotMatch(`${row!.name} ${row!.key}`, /passwd|\.\.|html/)
  })

  await t.test('while a heavy one is taken apart, others are served', async () => {
    const heavy = upload(worker, bomb(8_000, 4_999))
    let slowest = 0
    let isOver = false
    void heavy.finally(() => (isOver = true))
    // oxlint-disable-next-line no-unmodified-loop-condition -- The end of the upload sets it.
    while (!isOver) {
      const startedAt = performance.now()
      assert.equal((await app.call('GET', '/livez')).status, 200)
      slowest = Math.max(slowest, performance.now() - startedAt)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    assert.equal((await heavy).status, 201)
    assert.ok(slowest < 500, `another answer took ${slowest} ms`)
  })

  async function tokenOf(): Promise<string> {
    const login = await app.call('POST', '/api/auth/login', {
      email: 'worker1@example.test',
      password: 'a pass phrase of the tests',
    })
    return `Bearer ${login.body.accessToken}`
  }
})
