/** Crockford base 32 plus the letters that only a check character may be. */
const checkAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*'

/** ISO 7064 MOD 37,2 check character: finds every single wrong character and every transposed pair. */
export function checkCharacter(code: string): string {
  let sum = 0
  for (const char of code) {
    const value = checkAlphabet.indexOf(char)
    if (value < 0 || value > 35) throw new Error(`not a code character: ${char}`)
    sum = ((sum + value) * 2) % 37
  }
  return checkAlphabet[(38 - sum) % 37]!
}

export type CodeReading = { readonly kind: 'lpn' | 'rma'; readonly code: string; readonly isIntact: boolean }

/**
 * Reads what a scanner or a person gave as one of our own codes: case, spaces and hyphens do not matter.
 * `null` when it has not the shape of one; `isIntact: false` when the check character says it was misread.
 */
export function readOwnCode(text: string): CodeReading | null {
  const bare = text.toUpperCase().replaceAll(/[\s-]/g, '')
  const match = /^(LP|RMA)([0-9A-Z]{9,11})$/.exec(bare)
  if (!match) return null
  const kind = match[1] === 'LP' ? 'lpn' : 'rma'
  const rest = match[2]!
  if (rest.length !== (kind === 'lpn' ? 11 : 9)) return null
  const body = rest.slice(0, -1)
  return { kind, code: `${match[1]}-${rest}`, isIntact: checkCharacter(match[1] + body) === rest.at(-1) }
}

/** `SR*ANSWER*1`: a printed command of the station. */
export type ActionCode = { readonly name: string; readonly argument: string | null }

export function readActionCode(text: string): ActionCode | null {
  const match = /^SR\*([A-Z]+)(?:\*([0-9A-Z_]+))?$/.exec(text.trim().toUpperCase())
  return match === null ? null : { name: match[1]!, argument: match[2] ?? null }
}

/** `LOC-BENCH-07`: a bench, tote or bay. */
export function readLocationCode(text: string): string | null {
  const code = text.trim().toUpperCase()
  return /^LOC-[0-9A-Z-]{1,32}$/.test(code) ? code : null
}

/** What a code of a carrier or maker says: the parts are looked up one after the other. */
export type ForeignCode = { readonly text: string; readonly serial: string | null; readonly gtins: readonly string[] }

const groupSeparator = '\u001d'
/** Lengths of the elements that have one; those without end at a separator. */
const fixedLengths: Readonly<Record<string, number>> = {
  '00': 18,
  '01': 14,
  '02': 14,
  '11': 6,
  '13': 6,
  '15': 6,
  '17': 6,
}
const openElements = ['10', '21', '22', '240', '250']

/**
 * Leaves out what scanners wrap around a code (an AIM identifier such as `]C1`) and takes GS1 element strings apart, in
 * their bracketed form, as scanners send them, and as a GS1 Digital Link.
 */
export function readForeignCode(raw: string): ForeignCode {
  const text = raw.trim()
  const aim = /^\](?:C1|d2|Q3|e0)/.exec(text)
  const bare = text.replace(/^\][A-Za-z][0-9]/, '')
  const elements =
    bracketed(bare) ?? linked(bare) ?? (aim !== null || bare.includes(groupSeparator) ? strung(bare) : null)
  if (elements === null || elements.size === 0)
    return { text: bare, serial: null, gtins: /^(?:\d{8}|\d{12,14})$/.test(bare) ? gtinForms(bare) : [] }
  const gtin = elements.get('01') ?? elements.get('02')
  return {
    text: elements.get('21') ?? elements.get('00') ?? gtin ?? elements.get('10') ?? bare,
    serial: elements.get('21') ?? null,
    gtins: gtin === undefined ? [] : gtinForms(gtin),
  }
}

/** One article number is written with 8, 12, 13 or 14 digits. */
function gtinForms(digits: string): string[] {
  const bare = digits.replace(/^0+/, '')
  return [...new Set([digits, ...[8, 12, 13, 14].filter((n) => n >= bare.length).map((n) => bare.padStart(n, '0'))])]
}

function bracketed(text: string): Map<string, string> | null {
  if (!/^\(\d{2,4}\)/.test(text)) return null
  return new Map([...text.matchAll(/\((\d{2,4})\)([^()]+)/g)].map(([, ai, value]) => [ai!, value!]))
}

function linked(text: string): Map<string, string> | null {
  const path = /^https?:\/\/[^/]+((?:\/[^/?#]+)*\/01\/\d{8,14}[^?#]*)/.exec(text)?.[1]
  if (path === undefined) return null
  return new Map([...path.matchAll(/\/(01|10|21)\/([^/]+)/g)].map(([, ai, value]) => [ai!, decodeURIComponent(value!)]))
}

function strung(text: string): Map<string, string> | null {
  const elements = new Map<string, string>()
  let rest = text.replace(/^\u001d/, '')
  while (rest !== '') {
    const ai =
      Object.keys(fixedLengths).find((one) => rest.startsWith(one)) ?? openElements.find((one) => rest.startsWith(one))
    if (ai === undefined) return null
    const after = rest.slice(ai.length)
    const end = fixedLengths[ai] ?? (after.includes(groupSeparator) ? after.indexOf(groupSeparator) : after.length)
    if (after.length < end) return null
    elements.set(ai, after.slice(0, end))
    rest = after.slice(end).replace(/^\u001d/, '')
  }
  return elements
}
