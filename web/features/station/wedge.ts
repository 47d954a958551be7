/** A scanner that acts as a keyboard: keys come in, whole codes go out. Only Enter or Tab ends a code. */

export type Wedge = { readonly text: string; readonly firstAt: number; readonly lastAt: number }
export const emptyWedge: Wedge = { text: '', firstAt: 0, lastAt: 0 }

export type Stroke = { readonly key: string; readonly at: number; readonly isModified: boolean }
export type ScannedCode = { readonly text: string; readonly source: 'scanner' | 'human' }
/** What a scanner is set to send around every code. */
export type Wrapping = { readonly prefix: string; readonly suffix: string }

export type Taken = { readonly wedge: Wedge; readonly code: ScannedCode | null; readonly isTaken: boolean }

const lengthMax = 200
/** Keys of a person come further apart. It labels where a code came from and decides nothing. */
const scannerGapMs = 60

/**
 * One key. The time between keys never cuts or empties the code: on a busy machine a scanner's own keys come in bursts
 * with gaps as long as a person's.
 */
export function takeKey(wedge: Wedge, stroke: Stroke, wrapping: Wrapping): Taken {
  const left: Taken = { wedge, code: null, isTaken: false }
  if (stroke.isModified) return left
  if (stroke.key === 'Enter' || stroke.key === 'Tab') {
    if (wedge.text === '') return left
    return { wedge: emptyWedge, code: codeOf(wedge, wrapping), isTaken: true }
  }
  if (stroke.key === 'Backspace' && wedge.text !== '')
    return { wedge: { ...wedge, text: wedge.text.slice(0, -1), lastAt: stroke.at }, code: null, isTaken: true }
  if (stroke.key === 'Escape' && wedge.text !== '') return { wedge: emptyWedge, code: null, isTaken: true }
  // A space at the start presses the button that has the focus.
  if (Array.from(stroke.key).length !== 1 || (stroke.key === ' ' && wedge.text === '')) return left
  if (wedge.text.length >= lengthMax) return { wedge, code: null, isTaken: true }
  const firstAt = wedge.text === '' ? stroke.at : wedge.firstAt
  return { wedge: { text: wedge.text + stroke.key, firstAt, lastAt: stroke.at }, code: null, isTaken: true }
}

function codeOf(wedge: Wedge, { prefix, suffix }: Wrapping): ScannedCode | null {
  const bare = wedge.text.trim()
  const text = bare.slice(
    prefix !== '' && bare.startsWith(prefix) ? prefix.length : 0,
    suffix !== '' && bare.endsWith(suffix) ? -suffix.length : undefined,
  )
  if (text === '') return null
  const gap = (wedge.lastAt - wedge.firstAt) / Math.max(1, wedge.text.length - 1)
  return { text, source: wedge.text.length >= 6 && gap <= scannerGapMs ? 'scanner' : 'human' }
}

/** What nobody means as a number: letters, or more digits than any weight has. */
export function looksLikeBarcode(text: string): boolean {
  const bare = text.replaceAll(/[\s,.]/g, '')
  return /[^\d]/.test(bare) || bare.length > 7
}
