import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'
import sharp from 'sharp'
import { prepareZXingModule, readBarcodes, type ReadInputBarcodeFormat } from 'zxing-wasm/reader'
import { ready } from 'zpl-renderer-js'

/** Reads printed codes as a scanner would: by an independent decoder, from pixels. */

export type Read = { readonly format: string; readonly text: string }
type Pixels = { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number }

// A browser would fetch it; here it is a file.
const wasmFile = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasmFile)).buffer } })

const formats: ReadInputBarcodeFormat[] = ['Code128', 'QRCode']

async function readPixels(image: Pixels): Promise<Read[]> {
  // The decoder asks for what a browser calls ImageData: these three fields.
  const found = await readBarcodes(image, {
    formats,
    tryHarder: true,
    maxNumberOfSymbols: 40,
  })
  return found.map(({ format, text }) => ({ format, text }))
}

export async function readPicture(png: Buffer): Promise<Read[]> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return readPixels({ data: new Uint8ClampedArray(data), width: info.width, height: info.height })
}

/** A label printer's own rendering at 203 dots an inch, 4 by 6 inches. */
export async function readZpl(zpl: string): Promise<Read[]> {
  const { api } = await ready
  return readPicture(Buffer.from(await api.zplToBase64Async(zpl, 101.6, 152.4, 8), 'base64'))
}

/** Every picture of a PDF as it stands in the file; masks and other streams are left out. */
export async function readPdf(pdf: Buffer): Promise<Read[]> {
  const text = pdf.toString('latin1')
  const reads: Read[] = []
  for (const match of text.matchAll(/<<([^]*?)>>\s*stream\r?\n/g)) {
    const head = match[1]!
    if (!head.includes('/Subtype /Image')) continue
    const number = (name: string) => Number(new RegExp(`/${name} (\\d+)`).exec(head)?.[1] ?? 0)
    const start = match.index + match[0].length
    const bytes = inflateSync(pdf.subarray(start, start + number('Length')))
    reads.push(...(await readPixels(pixelsOf(bytes, number('Width'), number('Height')))))
  }
  return reads
}

/** Rows of a PNG inside a PDF begin with the filter's byte; pictures without transparency are stored as they came. */
function pixelsOf(bytes: Buffer, width: number, height: number): Pixels {
  const isFiltered = bytes.length % height === 0 && (bytes.length / height - 1) % width === 0
  const rowBytes = bytes.length / height
  const channels = isFiltered ? (rowBytes - 1) / width : rowBytes / width
  const rows = isFiltered ? unfiltered(bytes, rowBytes - 1, channels) : bytes
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) data[i * 4 + c] = rows[i * channels + Math.min(c, channels - 1)]!
    data[i * 4 + 3] = 255
  }
  return { data, width, height }
}

function unfiltered(bytes: Buffer, rowBytes: number, step: number): Buffer {
  const rows = bytes.length / (rowBytes + 1)
  const out = Buffer.alloc(rows * rowBytes)
  for (let y = 0; y < rows; y++) {
    const filter = bytes[y * (rowBytes + 1)]!
    for (let x = 0; x < rowBytes; x++) {
      const at = y * rowBytes + x
      const left = x >= step ? out[at - step]! : 0
      const up = y > 0 ? out[at - rowBytes]! : 0
      const corner = x >= step && y > 0 ? out[at - rowBytes - step]! : 0
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!
      out[at] = (bytes[y * (rowBytes + 1) + 1 + x]! + guess) & 255
    }
  }
  return out
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [left, up, corner].map((one) => Math.abs(left + up - corner - one)) as [number, number, number]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}
