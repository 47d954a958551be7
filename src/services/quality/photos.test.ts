import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { cleanPhoto, photoLimits } from './photos.ts'

function picture(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3)
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 7 + Math.trunc(i / width) * 13) % 256
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

async function refusalOf(bytes: Uint8Array): Promise<string> {
  const outcome = await cleanPhoto(bytes)
  assert.ok(!outcome.ok, 'the photo was taken')
  return outcome.rejection.code
}

async function taken(bytes: Uint8Array) {
  const outcome = await cleanPhoto(bytes)
  assert.ok(outcome.ok, JSON.stringify(outcome))
  return outcome.value
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(8 + body.length)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), 4 + body.length)
  return framed
}

/** A PNG of a few bytes that says it has this many pixels. */
function pngClaiming(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('clean photo', () => {
  it('drops place, camera and colour profile, and keeps the picture', async () => {
    const original = await picture(320, 200)
      .withExif({
        IFD0: { Make: 'SpyCam', Software: 'tracker' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '12/1 58/1 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '77/1 36/1 0/1',
        },
      })
      .jpeg()
      .toBuffer()
    assert.ok((await sharp(original).metadata()).exif?.includes('SpyCam'))
    const clean = await taken(original)
    const metadata = await sharp(clean.bytes).metadata()
    assert.equal(metadata.format, 'jpeg')
    assert.deepEqual(
      [metadata.exif, metadata.icc, metadata.xmp, metadata.iptc],
      [undefined, undefined, undefined, undefined],
    )
    assert.ok(!clean.bytes.includes('SpyCam') && !clean.bytes.includes('Exif'))
    assert.deepEqual([clean.widthPixels, clean.heightPixels, clean.mediaType], [320, 200, 'image/jpeg'])
    assert.equal(clean.sha256, createHash('sha256').update(clean.bytes).digest('hex'))
    assert.equal((await taken(original)).sha256, clean.sha256)
  })

  it('turns it upright and makes it small enough', async () => {
    const turned = await picture(60, 40).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const upright = await taken(turned)
    assert.deepEqual([upright.widthPixels, upright.heightPixels], [40, 60])
    const large = await taken(await picture(3000, 1500).jpeg().toBuffer())
    assert.deepEqual([large.widthPixels, large.heightPixels], [photoLimits.sidePixels, photoLimits.sidePixels / 2])
  })

  it('takes PNG and WebP, with transparency on white, and 16 bit', async () => {
    const clear = sharp({
      create: { width: 20, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
    const onWhite = await taken(await clear.png().toBuffer())
    assert.deepEqual([...(await sharp(onWhite.bytes).raw().toBuffer()).subarray(0, 3)], [255, 255, 255])
    await taken(await picture(20, 20).webp().toBuffer())
    await taken(await picture(20, 20).toColourspace('rgb16').png().toBuffer())
    await taken(await picture(20, 20).toColourspace('cmyk').jpeg().toBuffer())
  })

  it('refuses what is cut off or garbled', async () => {
    const jpeg = await picture(400, 400).jpeg().toBuffer()
    assert.equal(await refusalOf(jpeg.subarray(0, Math.trunc(jpeg.length / 2))), 'photo_corrupt')
    const png = await picture(400, 400).png().toBuffer()
    assert.equal(await refusalOf(png.subarray(0, Math.trunc(png.length / 2))), 'photo_corrupt')
    assert.equal(await refusalOf(Buffer.concat([jpeg.subarray(0, 20), Buffer.alloc(100)])), 'photo_unreadable')
  })

  it('refuses by content, whatever the name says', async () => {
    const svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    assert.equal(await refusalOf(Buffer.from(svg)), 'photo_svg')
    assert.equal(await refusalOf(Buffer.from(`\uFEFF  <!-- a photo --><svg width="1" height="1"/>`)), 'photo_svg')
    assert.equal(await refusalOf(Buffer.alloc(0)), 'photo_empty')
    assert.equal(await refusalOf(Buffer.from('just words')), 'photo_type_unknown')
    assert.equal(await refusalOf(Buffer.from('%PDF-1.7\n')), 'photo_type_refused')
    assert.equal(await refusalOf(await picture(8, 8).gif().toBuffer()), 'photo_type_refused')
    assert.equal(await refusalOf(await picture(8, 8).avif().toBuffer()), 'photo_heic')
    const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\0\0\0\0mif1heic'), Buffer.alloc(64)])
    assert.equal(await refusalOf(heic), 'photo_heic')
  })

  it('refuses an image that is something else as well', async () => {
    const jpeg = await picture(64, 64).jpeg().toBuffer()
    const zipEnd = Buffer.alloc(22)
    zipEnd.write('PK\x05\x06', 'latin1')
    assert.equal(await refusalOf(Buffer.concat([jpeg, zipEnd])), 'photo_polyglot')
    assert.equal(await refusalOf(Buffer.concat([jpeg, Buffer.from('<script>alert(1)</script>')])), 'photo_polyglot')
    assert.equal(await refusalOf(Buffer.concat([jpeg, Buffer.from('<?php system("id"); ?>')])), 'photo_polyglot')
    const comment = Buffer.from('%PDF-1.4 ')
    const segment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment])
    assert.equal(await refusalOf(Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])), 'photo_polyglot')
  })

  it('refuses bombs from their header, quickly', async () => {
    const start = performance.now()
    assert.equal(await refusalOf(pngClaiming(50_000, 50_000)), 'photo_too_many_pixels')
    assert.equal(await refusalOf(pngClaiming(40_000_001, 1)), 'photo_too_many_pixels')
    assert.ok(performance.now() - start < 1000)
    assert.equal(await refusalOf(Buffer.alloc(photoLimits.bytes + 1)), 'photo_too_large')
  })

  it('refuses moving pictures', async () => {
    const frames = Buffer.alloc(16 * 32 * 3, 90)
    frames.fill(200, 16 * 16 * 3)
    const moving = await sharp(frames, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } })
      .webp({ loop: 0 })
      .toBuffer()
    assert.equal(await refusalOf(moving), 'photo_animated')
  })
})
