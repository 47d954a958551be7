import type { BenchSettings } from './settings.ts'

/** The part of Web Serial that is used; TypeScript does not know it. */
type SerialPort = {
  readonly open: (options: { baudRate: number }) => Promise<void>
  readonly close: () => Promise<void>
  readonly writable: WritableStream<Uint8Array> | null
}
type Serial = { readonly getPorts: () => Promise<SerialPort[]>; readonly requestPort: () => Promise<SerialPort> }

function serial(): Serial | null {
  return (navigator as { serial?: Serial }).serial ?? null
}

export function hasPrintPort(): boolean {
  return typeof navigator !== 'undefined' && serial() !== null
}

/** Must be called by a press: the browser asks which port the label printer is at. */
export async function choosePrintPort(): Promise<void> {
  await serial()?.requestPort()
}

async function label(unitId: string, format: 'pdf' | 'zpl'): Promise<Blob> {
  const answer = await fetch(`/api/returns/${unitId}/label?format=${format}&size=4x6`, { credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`the label was answered with ${answer.status}`)
  return answer.blob()
}

/** Prints as this bench is set to; throws when it cannot. */
export async function printLabel(unitId: string, how: Exclude<BenchSettings['print'], 'none'>): Promise<void> {
  if (how === 'zpl') return printZpl(await label(unitId, 'zpl'))
  const url = URL.createObjectURL(await label(unitId, 'pdf'))
  const frame = document.createElement('iframe')
  frame.title = 'label'
  frame.style.cssText = 'position:fixed;width:0;height:0;border:0;visibility:hidden'
  frame.src = url
  frame.addEventListener('load', () => frame.contentWindow?.print(), { once: true })
  document.body.append(frame)
  // The dialog reads the file for as long as it is open.
  setTimeout(() => {
    frame.remove()
    URL.revokeObjectURL(url)
  }, 120_000)
}

async function printZpl(zpl: Blob): Promise<void> {
  const [port] = (await serial()?.getPorts()) ?? []
  if (port === undefined) throw new Error('no print port was chosen')
  if (port.writable === null) await port.open({ baudRate: 9600 })
  const writer = port.writable!.getWriter()
  try {
    await writer.write(new Uint8Array(await zpl.arrayBuffer()))
  } finally {
    writer.releaseLock()
  }
}
