const hidden = '[hidden]'
/** Parts of a field's name that tell of a secret or a person, in small letters without `-` and `_`. */
const hiding = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'apikey',
  'customer',
  'phone',
  'email',
  'address',
]
const depthMax = 8
const itemsMax = 100
const textMax = 16_384

/** No terminal codes and no line separators; line breaks stay, the form of the line decides about them. */
function safeText(text: string): string {
  const cut = text.length > textMax ? `${text.slice(0, textMax)}…` : text
  return cut.replaceAll(/[^\P{Cc}\n\r\t]|[\u2028\u2029]/gu, ' ')
}

function isHidden(name: string): boolean {
  const bare = name.toLowerCase().replaceAll(/[-_]/g, '')
  return hiding.some((part) => bare.includes(part))
}

/** What an error is and where it came from. Not its other fields: those of a database error quote the row. */
function safeError(error: Error, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code: safeText(code) } : {}),
    message: safeText(error.message),
    stack: safeText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: safeValue(error.cause, depth + 1) }),
  }
}

function safeValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return safeText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '[function]' : value
  // Depth ends circles too.
  if (depth >= depthMax) return '[deeper]'
  if (value instanceof Error) return safeError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.slice(0, itemsMax).map((item) => safeValue(item, depth + 1))
  return safeFields(value as Record<string, unknown>, depth + 1)
}

/** Fields as they may be written: secrets and personal ones hidden at every depth, bounded, and never a reason to fail. */
export function safeFields(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, itemsMax)
      .map(([name, value]) => [safeText(name), isHidden(name) ? hidden : safeValue(value, depth)]),
  )
}

/** A value on one line: what people send may hold line breaks and terminal codes. */
export function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return safeText(text).replaceAll(/[\n\r\t]+/g, ' ')
}
