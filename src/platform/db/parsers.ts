import pg from 'pg'

// Object identifiers of the types in pg_type; their array types beside them.
const INT8 = 20
const INT8_ARRAY = 1016
const NUMERIC = 1700
const NUMERIC_ARRAY = 1231
const DATE = 1082
const DATE_ARRAY = 1182
const TIMESTAMP = 1114
const TIMESTAMPTZ = 1184

const TEXT_ARRAY = 1009

// The driver types its own function for the scalar types only.
const parserOf = pg.types.getTypeParser as (oid: number, format?: string) => (text: string) => unknown

/** Amounts and sequence numbers stay far below 2^53; one that does not is a bug, never a rounded number. */
export function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`int8 beyond 2^53: ${text}`)
  return value
}

function parseArray<T>(parse: (text: string) => T): (text: string) => (T | null)[] {
  const strings = parserOf(TEXT_ARRAY) as (text: string) => (string | null)[]
  return (text) => strings(text).map((item) => (item === null ? null : parse(item)))
}

const asIs = (text: string): string => text

const timestamptz = parserOf(TIMESTAMPTZ)
const strings = parserOf(TEXT_ARRAY)

/** Sessions are in UTC, and then the engine's own parser will do: a list of 20 rows has some 200 instants in it. */
function parseInstant(text: string): unknown {
  return text.endsWith('+00') && text.length >= 22
    ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
    : timestamptz(text)
}

const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [INT8, parseInt8],
  [INT8_ARRAY, parseArray(parseInt8)],
  [NUMERIC, Number],
  [NUMERIC_ARRAY, parseArray(Number)],
  // A calendar day has no time zone: as a Date it would shift by one in half of the world.
  [DATE, asIs],
  [DATE_ARRAY, parseArray(asIs)],
  [TIMESTAMP, asIs],
  [TIMESTAMPTZ, parseInstant],
  [TEXT_ARRAY, (text) => (text === '{}' ? [] : strings(text))],
])

/** Type parsers of our pools alone; the driver's global table is left as it is. */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: string) =>
    (format !== 'binary' && parsers.get(oid)) || parserOf(oid, format ?? 'text'),
}
