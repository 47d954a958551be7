import { readFile } from 'node:fs/promises'
import type { Geocoder, Place } from './port.ts'

const HEADER = 'pincode,lat,lng,state,district,geonames_places,source,source_disagreement_km,confidence'
const confidences = ['low', 'medium', 'high'] as const
const FIRST = 100_000
const LAST = 999_999

type Table = {
  /** Row of each code plus one; 0 where there is no such code. */
  readonly rowOf: Uint16Array
  readonly lat: Float64Array
  readonly lng: Float64Array
  readonly confidence: Uint8Array
  readonly nameOf: Uint16Array
  /** [state, district], each pair once. */
  readonly names: readonly (readonly [string | null, string | null])[]
}

function parseTable(text: string): { readonly codes: Int32Array; readonly table: Table } {
  const lines = text.split('\n').filter((line) => line !== '')
  if (lines[0]?.trimEnd() !== HEADER) throw new Error(`the PIN code table must begin with ${HEADER}`)
  if (text.includes('"')) throw new Error('the PIN code table has quoted fields, which this reader does not know')
  const rows = lines.length - 1
  if (rows > 65_534) throw new Error(`the PIN code table has ${rows} rows, more than its index holds`)
  const codes = new Int32Array(rows)
  const table = {
    rowOf: new Uint16Array(LAST - FIRST + 1),
    lat: new Float64Array(rows),
    lng: new Float64Array(rows),
    confidence: new Uint8Array(rows),
    nameOf: new Uint16Array(rows),
    names: [] as [string | null, string | null][],
  }
  const placeOfName = new Map<string, number>()
  for (let row = 0; row < rows; row++) {
    const [code, lat, lng, state, district, , , , trust] = lines[row + 1]!.trimEnd().split(',')
    const number = Number(code)
    const level = confidences.findIndex((name) => name === trust)
    if (!(number >= FIRST && number <= LAST) || level < 0 || !lat || !lng || Number.isNaN(+lat + +lng)) {
      throw new Error(`line ${row + 2} of the PIN code table can't be read: ${lines[row + 1]}`)
    }
    const key = `${state},${district}`
    let name = placeOfName.get(key)
    if (name === undefined) {
      name = table.names.push([state || null, district || null]) - 1
      placeOfName.set(key, name)
    }
    codes[row] = number
    table.rowOf[number - FIRST] = row + 1
    table.lat[row] = +lat
    table.lng[row] = +lng
    table.confidence[row] = level
    table.nameOf[row] = name
  }
  return { codes, table }
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted()
  const half = sorted.length >>> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/**
 * Puts points that can't be trusted at the centre of their sorting district (the first three digits): sources disagree on
 * them by over 60 km, a district is smaller. The median, since one bad point would drag a mean. Only points of the same
 * state count: district 682 is Kochi and, 400 km off in the sea, Lakshadweep. Without any such point a code keeps its own.
 */
function recentreUntrusted(codes: Int32Array, table: Table): void {
  const stateOf = (row: number) => table.names[table.nameOf[row]!]![0]
  const rowsOfDistrict = Map.groupBy(codes.keys(), (row) => Math.trunc(codes[row]! / 1000))
  for (const rows of rowsOfDistrict.values()) {
    const trusted = rows.filter((row) => table.confidence[row] !== 0)
    for (const row of rows) {
      if (table.confidence[row] !== 0) continue
      const state = stateOf(row)
      const basis = state === null ? trusted : trusted.filter((other) => stateOf(other) === state)
      if (basis.length === 0) continue
      table.lat[row] = median(basis.map((other) => table.lat[other]!))
      table.lng[row] = median(basis.map((other) => table.lng[other]!))
    }
  }
}

function placeOf(table: Table, pincode: string): Place | null {
  if (!/^[1-9][0-9]{5}$/.test(pincode)) return null
  const row = table.rowOf[Number(pincode) - FIRST]! - 1
  if (row < 0) return null
  const [state, district] = table.names[table.nameOf[row]!]!
  return {
    pincode,
    lat: table.lat[row]!,
    lng: table.lng[row]!,
    state,
    district,
    confidence: confidences[table.confidence[row]!]!,
  }
}

/** All PIN codes of India in memory: 19,351 rows in a few megabytes, read once. */
export async function openPinTable(csvPath: string): Promise<Geocoder> {
  const { codes, table } = parseTable(await readFile(csvPath, 'utf8'))
  recentreUntrusted(codes, table)
  return {
    engine: 'pin-table',
    locate: (pincodes) => Promise.resolve(pincodes.map((pincode) => placeOf(table, pincode))),
    close: () => Promise.resolve(),
  }
}
