import type { ColumnRule, ImportMapping } from '#contracts/imports.ts'
import { AppError, type FieldError } from '#kernel/errors.ts'
import { nearest } from '#kernel/nearest.ts'
import { columnKey } from './column-key.ts'
import { compileTime, type TimeParser } from './parse-time.ts'
import { orderTargets, targetsOf, type Target } from './targets.ts'

/** One of our fields with the columns of this file that fill it. */
export type BoundTarget = {
  readonly name: string
  readonly target: Target
  /** What the errors call it: the file's own column. */
  readonly column: string
  /** The field's text in a row; '' for none. `null` when a table of values has no answer. */
  readonly read: (values: readonly string[]) => string | null
  /** The cell as the file has it, for those who must mend it. */
  readonly raw: (values: readonly string[]) => string
  readonly rule: ColumnRule
  readonly time: TimeParser | null
}

export type BoundMapping = {
  readonly mapping: ImportMapping
  readonly targets: readonly BoundTarget[]
  /** Of these the ones that an order line needs: what only a return has may be empty in other rows. */
  readonly ofOrders: readonly BoundTarget[]
  readonly isReturn: (values: readonly string[]) => boolean
  readonly notes: readonly string[]
}

/** Puts a mapping onto the header of a file. Columns that it must have and a header that names one twice are refused. */
export function bindMapping(mapping: ImportMapping, header: readonly string[]): BoundMapping {
  const columns = new Map<string, number[]>()
  header.forEach((name, i) => {
    const key = columnKey(name)
    if (key !== '') columns.set(key, [...(columns.get(key) ?? []), i])
  })
  const errors: FieldError[] = []
  const used = new Set<number>()
  const place = (name: string, at: string): number | null => {
    const found = columns.get(columnKey(name))
    if (found === undefined) return null
    if (found.length > 1)
      errors.push({
        pointer: at,
        code: 'column_twice',
        detail: `the header has the column "${name}" ${found.length} times`,
      })
    used.add(found[0]!)
    return found[0]!
  }
  const first = (names: readonly string[], at: string): number | null => {
    for (const name of names) {
      const found = place(name, at)
      if (found !== null) return found
    }
    return null
  }
  const missing = (names: readonly string[], at: string) => {
    const like = nearest(names[0]!, header)
    errors.push({
      pointer: at,
      code: 'column_missing',
      detail: `the file has no column "${names.join('" or "')}"; the nearest is "${like}"`,
    })
  }

  const targets: BoundTarget[] = []
  for (const [name, rule] of Object.entries(mapping.columns)) {
    const at = `/columns/${name}`
    const target = targetsOf[mapping.kind][name]!
    const time = timeOf(target, rule.format ?? 'iso', mapping.timezone)
    if (rule.join !== undefined) {
      const places = rule.join.map((column) => place(column, at))
      if (places.includes(null))
        missing(
          rule.join.filter((_, i) => places[i] === null),
          at,
        )
      const read = readJoined(places.map((i) => i ?? -1))
      targets.push({ name, target, column: rule.join.join(' + '), read: through(rule, read), raw: read, rule, time })
      continue
    }
    const names = namesOf(rule.from)
    const index = first(names, at)
    if (index === null) {
      if (rule.required === true || target.isRequired === true) missing(names, at)
      if (rule.default !== undefined) targets.push(constant(name, target, rule.default, mapping.timezone))
      continue
    }
    const cell = (values: readonly string[]) => values[index] ?? ''
    targets.push({ name, target, column: header[index]!, read: through(rule, cell), raw: cell, rule, time })
  }
  for (const [name, value] of Object.entries(mapping.constants))
    targets.push(constant(name, targetsOf[mapping.kind][name]!, value, mapping.timezone))

  const isReturn = bindFilter(mapping, (names, at) => {
    const found = first(names, at)
    if (found === null) missing(names, at)
    return found ?? -1
  })
  if (errors.length > 0) {
    const detail = `the mapping ${mapping.name} does not fit this file: ${errors.map((e) => e.detail).join('; ')}`
    throw new AppError('unprocessable', detail, { problem: 'mapping_does_not_fit', errors })
  }
  const ofOrders = targets.filter(({ name }) => orderTargets.has(name))
  return { mapping, targets, ofOrders, isReturn, notes: notesOf(header, used) }
}

/** JSON has no header: what the mapping names may come in any line, though not in those that were looked at. */
export function withMappedColumns(header: readonly string[], mapping: ImportMapping): string[] {
  const seen = new Set(header.map(columnKey))
  const named = Object.values(mapping.columns).flatMap((rule) => [...(rule.join ?? []), ...namesOf(rule.from)])
  const all = [...named, ...namesOf(mapping.rowFilter?.from)]
  return [...header, ...all.filter((name) => !seen.has(columnKey(name)) && seen.add(columnKey(name)))]
}

function namesOf(from: ColumnRule['from']): readonly string[] {
  return from === undefined ? [] : typeof from === 'string' ? [from] : from
}

function notesOf(header: readonly string[], used: ReadonlySet<number>): string[] {
  const unread = header.filter((name, i) => name !== '' && !used.has(i))
  return unread.length === 0
    ? []
    : [`columns that the mapping does not read: ${unread.slice(0, 20).join(', ')}${unread.length > 20 ? ' …' : ''}`]
}

/** A day is one everywhere: it is read as if at Greenwich, and never becomes an instant. */
function timeOf(target: Target, format: string, timezone: string): TimeParser | null {
  if (target.form === 'time') return compileTime(format, timezone)
  return target.form === 'day' ? compileTime(format, 'UTC') : null
}

function constant(name: string, target: Target, value: string, timezone: string): BoundTarget {
  const time = timeOf(target, 'iso', timezone)
  return { name, target, column: name, read: () => value, raw: () => value, rule: {}, time }
}

function readJoined(places: readonly number[]): (values: readonly string[]) => string {
  return (values) => {
    const parts = places.map((i) => (values[i] ?? '').trim())
    // A key without its first part would be shared by strangers.
    return parts[0] === '' ? '' : parts.join('-')
  }
}

function bindFilter(
  mapping: ImportMapping,
  place: (names: readonly string[], at: string) => number,
): BoundMapping['isReturn'] {
  const { rowFilter, kind } = mapping
  if (kind !== 'returns') return () => false
  if (rowFilter === undefined) return () => true
  const index = place(namesOf(rowFilter.from), '/rowFilter/from')
  const wanted = new Set(rowFilter.in.map((value) => value.trim().toLowerCase()))
  return (values) => wanted.has((values[index] ?? '').trim().toLowerCase())
}

const memoMax = 20_000

/** Trims, knows the words for nothing, and looks the value up in the rule's tables. */
function through(rule: ColumnRule, read: (values: readonly string[]) => string): BoundTarget['read'] {
  const empty = new Set((rule.empty ?? []).map((word) => word.trim().toLowerCase()))
  const plain = (values: readonly string[]): string => {
    const text = read(values).trim()
    return text === '' || (empty.size > 0 && empty.has(text.toLowerCase())) ? (rule.default ?? '') : text
  }
  if (rule.map === undefined && rule.match === undefined) return plain
  const map = new Map(Object.entries(rule.map ?? {}).map(([key, value]) => [key.trim().toLowerCase(), value]))
  const match = (rule.match ?? []).map((m) => ({
    startsWith: m.startsWith?.toLowerCase(),
    contains: m.contains?.toLowerCase(),
    value: m.value,
  }))
  const lookUp = (text: string): string | null => {
    const word = text.toLowerCase()
    const found =
      map.get(word) ??
      match.find((m) => (m.startsWith === undefined ? word.includes(m.contains!) : word.startsWith(m.startsWith)))
        ?.value
    return found ?? rule.otherwise ?? null
  }
  const known = new Map<string, string | null>()
  return (values) => {
    const text = plain(values)
    if (text === '') return ''
    let found = known.get(text)
    if (found === undefined) {
      found = lookUp(text)
      if (known.size >= memoMax) known.clear()
      known.set(text, found)
    }
    return found
  }
}
