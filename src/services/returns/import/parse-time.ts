import { parsed, refused, type Parsed } from './parse-value.ts'

/** A declared way to write a date; compiled once a file, never guessed from the row. */
export type TimeParser = (text: string) => Parsed<string>

type Fields = {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millisecond: number
}

const tokens: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<shortYear>\\d{2})',
  MMM: '(?<monthName>[A-Za-z]{3,9})',
  MM: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{1,2})',
  hh: '(?<hour12>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  A: '(?<half>[AaPp]\\.?[Mm]\\.?)',
}
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Why a format is none, or null. */
export function timeFormatFault(format: string): string | null {
  if (['iso', 'excel', 'epoch_s', 'epoch_ms'].includes(format)) return null
  const hasDate = /Y{2}/.test(format) && /M{2}/.test(format) && /D{2}/.test(format)
  return hasDate
    ? null
    : `"${format}" is no date format: iso, excel, epoch_s, epoch_ms, or a pattern with YYYY or YY, MM or MMM, DD`
}

export function compileTime(format: string, timezone: string): TimeParser {
  if (format === 'excel') return (text) => excelTime(text, timezone)
  if (format === 'epoch_s' || format === 'epoch_ms') return (text) => epochTime(text, format === 'epoch_s' ? 1000 : 1)
  const toInstant = format === 'iso' ? isoTime(timezone) : patternTime(format, timezone)
  return remember(toInstant)
}

/** Files have few days and many rows: a date that came before is not parsed again. */
function remember(parse: TimeParser): TimeParser {
  const known = new Map<string, Parsed<string>>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const fresh = parse(text)
    if (known.size >= 5000) known.clear()
    known.set(text, fresh)
    return fresh
  }
}

const isoForm =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

function isoTime(timezone: string): TimeParser {
  return (text) => {
    const found = isoForm.exec(text)
    if (found === null) return refused('date_format', 'not a date such as 2026-11-01 or 2026-11-01T09:30:00Z')
    const [, year, month, day, hour, minute, second, fraction, offset] = found
    const fields: Fields = {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour ?? 0),
      minute: Number(minute ?? 0),
      second: Number(second ?? 0),
      millisecond: Number((fraction ?? '').padEnd(3, '0').slice(0, 3)),
    }
    return instantOf(fields, timezone, offset?.toUpperCase())
  }
}

function patternTime(format: string, timezone: string): TimeParser {
  const source = format.replaceAll(
    /YYYY|YY|MMM|MM|DD|HH|hh|mm|ss|A|[^A-Za-z]+|./g,
    (part) => tokens[part] ?? part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  const form = new RegExp(`^${source}$`)
  return (text) => {
    const found = form.exec(text)?.groups
    if (found === undefined) return refused('date_format', `not a date as ${format} writes it`)
    const month =
      found['monthName'] === undefined
        ? Number(found['month'])
        : monthNames.indexOf(found['monthName'].slice(0, 3).toLowerCase()) + 1
    const year = found['year'] === undefined ? centuryOf(Number(found['shortYear'])) : Number(found['year'])
    return instantOf(
      {
        year,
        month,
        day: Number(found['day']),
        hour: hourOf(found),
        minute: Number(found['minute'] ?? 0),
        second: Number(found['second'] ?? 0),
        millisecond: 0,
      },
      timezone,
    )
  }
}

function centuryOf(shortYear: number): number {
  return shortYear < 70 ? 2000 + shortYear : 1900 + shortYear
}

function hourOf(found: Record<string, string | undefined>): number {
  if (found['hour12'] === undefined) return Number(found['hour'] ?? 0)
  const hour = Number(found['hour12'])
  if (hour < 1 || hour > 12) return Number.NaN
  return (hour % 12) + (found['half']?.toLowerCase().startsWith('p') === true ? 12 : 0)
}

const earliest = Date.UTC(1990, 0, 1)
const latest = Date.UTC(2200, 0, 1)

function instantOf(fields: Fields, timezone: string, offset?: string): Parsed<string> {
  const local = Date.UTC(
    fields.year,
    fields.month - 1,
    fields.day,
    fields.hour,
    fields.minute,
    fields.second,
    fields.millisecond,
  )
  const date = new Date(local)
  const isReal =
    date.getUTCFullYear() === fields.year &&
    date.getUTCMonth() === fields.month - 1 &&
    date.getUTCDate() === fields.day &&
    fields.hour < 24 &&
    fields.minute < 60 &&
    fields.second < 60
  if (!isReal) return refused('date_impossible', 'there is no such day or time')
  return within(offset === undefined ? fromZone(local, timezone) : local - offsetMs(offset))
}

function within(ms: number): Parsed<string> {
  if (!(ms >= earliest && ms < latest)) return refused('date_impossible', 'a year before 1990 or after 2199')
  return parsed(new Date(ms).toISOString())
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2))
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** The zone's offset at an instant, by its own wall clock. */
function zoneOffsetMs(ms: number, timezone: string): number {
  if (timezone === 'Asia/Kolkata') return 19_800_000
  let clock = clocks.get(timezone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    clocks.set(timezone, clock)
  }
  const part: Record<string, number> = {}
  for (const { type, value } of clock.formatToParts(ms)) part[type] = Number(value)
  const wall = Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second'])
  return wall - Math.floor(ms / 1000) * 1000
}

/** Wall clock to instant. An hour that comes twice is its first; one that the clock skips is moved on by the gap. */
function fromZone(local: number, timezone: string): number {
  const before = zoneOffsetMs(local - 86_400_000, timezone)
  const after = zoneOffsetMs(local + 86_400_000, timezone)
  const early = local - Math.max(before, after)
  const late = local - Math.min(before, after)
  if (early === late) return early
  if (early + zoneOffsetMs(early, timezone) === local) return early
  return late + zoneOffsetMs(late, timezone) === local ? late : local - before
}

const dayMs = 86_400_000
/** Day 0 of Excel's calendar once its 29 February 1900, which never was, is passed. */
const excelEpoch = Date.UTC(1899, 11, 30)

function excelTime(text: string, timezone: string): Parsed<string> {
  if (!/^\d{2,7}(?:\.\d+)?$/.test(text)) return refused('date_format', 'not a day number of Excel')
  const serial = Number(text)
  if (serial < 61) return refused('date_impossible', 'a day number before March 1900')
  // A fraction of a day is a binary float in the workbook: whole seconds were meant.
  const local = excelEpoch + Math.round(serial * 86_400) * 1000
  return local >= latest + dayMs ? refused('date_impossible', 'a year after 2199') : within(fromZone(local, timezone))
}

function epochTime(text: string, factor: number): Parsed<string> {
  if (!/^\d{1,15}(?:\.0+)?$/.test(text)) return refused('date_format', 'not a Unix time')
  return within(Math.trunc(Number(text)) * factor)
}
