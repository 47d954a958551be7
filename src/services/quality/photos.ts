import { createHash } from 'node:crypto'
import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import { limits } from '#contracts/common.ts'
import { accept, type Outcome, reject } from '#kernel/outcome.ts'

export type CleanPhoto = {
  readonly bytes: Buffer
  readonly mediaType: 'image/jpeg'
  readonly widthPixels: number
  readonly heightPixels: number
  readonly sha256: string
}

export const photoLimits = {
  bytes: limits.photoBytes,
  pixels: 40_000_000,
  sidePixels: 2000,
  timeoutSeconds: 15,
  jpegQuality: 82,
} as const

const readable = new Set(['image/jpeg', 'image/png', 'image/webp'])
const heic = new Set(['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence', 'image/avif'])

/** Text that a browser or an interpreter would run if a stored photo were ever served as something else. */
const scripts = /<script[\s>]|<!doctype\s|<html[\s>]|<\?php\s|<svg[\s>]/i
const END_OF_CENTRAL_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1')

function isSvg(bytes: Buffer): boolean {
  const head = bytes
    .subarray(0, 4096)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  return head.startsWith('<') && /<svg[\s>]/i.test(head)
}

/** A ZIP is read from its end: its directory record must close the file exactly, or it is chance. */
function endsAsZip(bytes: Buffer): boolean {
  const at = bytes.lastIndexOf(END_OF_CENTRAL_DIRECTORY)
  return at >= 0 && at + 22 <= bytes.length && at + 22 + bytes.readUInt16LE(at + 20) === bytes.length
}

/** An image that is a document, an archive or a script as well. PDF readers take a header within the first 1024 bytes. */
function isPolyglot(bytes: Buffer): boolean {
  return bytes.subarray(0, 1024).includes('%PDF-') || endsAsZip(bytes) || scripts.test(bytes.toString('latin1'))
}

async function refusalByContent(bytes: Buffer): Promise<Outcome<never> | null> {
  if (bytes.length === 0) return reject('invalid', 'photo_empty', 'the photo has no bytes')
  if (bytes.length > photoLimits.bytes) {
    return reject(
      'too_large',
      'photo_too_large',
      `the photo has ${bytes.length} bytes, at most ${photoLimits.bytes} are taken`,
    )
  }
  if (isSvg(bytes)) return reject('unsupported_media_type', 'photo_svg', 'SVG is a document with scripts, not a photo')
  const type = await fileTypeFromBuffer(bytes)
  if (!type) return reject('unsupported_media_type', 'photo_type_unknown', 'the content is no image that we know')
  if (heic.has(type.mime)) {
    return reject('unsupported_media_type', 'photo_heic', `${type.mime} can't be read here: set the camera to JPEG`)
  }
  if (!readable.has(type.mime)) {
    return reject('unsupported_media_type', 'photo_type_refused', `${type.mime} is not taken: send JPEG, PNG or WebP`)
  }
  if (isPolyglot(bytes)) {
    return reject(
      'invalid',
      'photo_polyglot',
      `the ${type.mime} holds another document, an archive or a script as well`,
    )
  }
  return null
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Looks at the header alone, so that a small file can't ask for gigabytes. */
async function refusalBySize(bytes: Buffer): Promise<Outcome<never> | null> {
  try {
    const { width, height, pages = 1 } = await sharp(bytes, { limitInputPixels: false }).metadata()
    const pixels = width * height
    if (pages > 1)
      return reject('unsupported_media_type', 'photo_animated', `the image has ${pages} frames, a photo has one`)
    if (pixels <= photoLimits.pixels) return null
    return reject(
      'too_large',
      'photo_too_many_pixels',
      `the photo has ${width} x ${height} pixels, at most ${photoLimits.pixels} are taken`,
    )
  } catch (error) {
    return reject('invalid', 'photo_unreadable', `the photo can't be read: ${messageOf(error)}`)
  }
}

/**
 * Takes an uploaded photo apart and makes a new JPEG of its pixels: nothing of the file but what is seen survives,
 * neither place nor camera nor what else was hidden in it. Decoding runs in sharp's own threads.
 */
export async function cleanPhoto(upload: Uint8Array): Promise<Outcome<CleanPhoto>> {
  const bytes = Buffer.from(upload.buffer, upload.byteOffset, upload.byteLength)
  const refusal = (await refusalByContent(bytes)) ?? (await refusalBySize(bytes))
  if (refusal) return refusal
  try {
    const { data, info } = await sharp(bytes, {
      failOn: 'error',
      limitInputPixels: photoLimits.pixels,
      sequentialRead: true,
    })
      .timeout({ seconds: photoLimits.timeoutSeconds })
      .autoOrient()
      .resize({
        width: photoLimits.sidePixels,
        height: photoLimits.sidePixels,
        fit: 'inside',
        withoutEnlargement: true,
      })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .jpeg({ quality: photoLimits.jpegQuality })
      .toBuffer({ resolveWithObject: true })
    return accept({
      bytes: data,
      mediaType: 'image/jpeg',
      widthPixels: info.width,
      heightPixels: info.height,
      sha256: createHash('sha256').update(data).digest('hex'),
    })
  } catch (error) {
    const message = messageOf(error)
    if (/timeout/i.test(message))
      return reject('invalid', 'photo_timeout', `the photo took over ${photoLimits.timeoutSeconds} s to read`)
    return reject('invalid', 'photo_corrupt', `the photo is damaged: ${message}`)
  }
}
