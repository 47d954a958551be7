import { toBuffer } from 'bwip-js/node'
import PDFDocument from 'pdfkit'

export type LabelFacts = {
  readonly lpn: string
  readonly rmaNumber: string
  readonly title: string
  readonly disposition: string | null
  readonly isDecided: boolean
  readonly grade: string | null
  readonly hubCode: string | null
  readonly locationCode: string | null
}
export type Label = { readonly bytes: Buffer | string; readonly mediaType: string; readonly fileName: string }

const words = (label: LabelFacts) =>
  label.disposition === null
    ? 'NOT DECIDED'
    : `${label.isDecided ? '' : 'ADVISED: '}${label.disposition.replaceAll('_', ' ').toUpperCase()}`

/** A label of 4 x 6 inches with the unit's code as Code 128 and QR, and where it goes in words. No personal data. */
export async function drawLabel(label: LabelFacts, format: 'pdf' | 'zpl' | 'png'): Promise<Label> {
  if (format === 'zpl') return { bytes: zpl(label), mediaType: 'application/zpl', fileName: `${label.lpn}.zpl` }
  if (format === 'png') return { bytes: await code128(label.lpn), mediaType: 'image/png', fileName: `${label.lpn}.png` }
  return { bytes: await pdf(label), mediaType: 'application/pdf', fileName: `${label.lpn}.pdf` }
}

function code128(text: string): Promise<Buffer> {
  return toBuffer({
    bcid: 'code128',
    text,
    scale: 3,
    height: 16,
    includetext: true,
    textxalign: 'center',
    backgroundcolor: 'FFFFFF',
    paddingwidth: 12,
    paddingheight: 8,
  })
}

async function pdf(label: LabelFacts): Promise<Buffer> {
  const bars = await code128(label.lpn)
  const qr = await toBuffer({ bcid: 'qrcode', text: label.lpn, scale: 6, backgroundcolor: 'FFFFFF', padding: 4 })
  const document = new PDFDocument({ size: [288, 432], margin: 18, info: { Title: label.lpn } })
  const chunks: Buffer[] = []
  document.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve) => document.on('end', resolve))
  document.image(bars, 18, 18, { fit: [252, 90], align: 'center' })
  document.fontSize(24).text(words(label), 18, 124, { width: 252, height: 64, ellipsis: true })
  document.image(qr, 18, 200, { fit: [110, 110] })
  document.fontSize(44).text(label.grade ?? '–', 150, 205)
  document.fontSize(11).text('grade', 150, 255)
  document
    .fontSize(13)
    .text([label.hubCode, label.locationCode].filter(Boolean).join(' · ') || 'no hub yet', 150, 280, { width: 120 })
  document.fontSize(11).text(latin(label.title), 18, 330, { width: 252, height: 40, ellipsis: true })
  document.fontSize(11).text(label.rmaNumber, 18, 380)
  document.end()
  await ended
  return Buffer.concat(chunks)
}

/** The standard fonts of PDF know Latin letters only. */
function latin(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?')
}

function zpl(label: LabelFacts): string {
  // A caret or tilde would start a command; text is plain ASCII by then.
  const safe = (text: string) => text.replaceAll(/[^\x20-\x7d]|\^/g, ' ').slice(0, 40)
  return [
    '^XA',
    '^PW812',
    '^LL1218',
    '^CI28',
    `^FO60,60^BY3^BCN,140,Y,N,N^FD${label.lpn}^FS`,
    `^FO60,280^A0N,70,60^FD${safe(words(label))}^FS`,
    `^FO60,400^BQN,2,8^FDQA,${label.lpn}^FS`,
    `^FO400,420^A0N,160,150^FD${safe(label.grade ?? '-')}^FS`,
    `^FO400,600^A0N,40,36^FD${safe([label.hubCode, label.locationCode].filter(Boolean).join(' '))}^FS`,
    `^FO60,760^A0N,36,32^FD${safe(label.title)}^FS`,
    `^FO60,820^A0N,36,32^FD${label.rmaNumber}^FS`,
    '^XZ',
  ].join('\n')
}
