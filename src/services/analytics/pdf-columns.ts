import type { ReportRequest } from '#contracts/analytics.ts'
import { minorDigitsOf } from '#kernel/money.ts'

type Row = Readonly<Record<string, unknown>>
export type PdfColumn = {
  readonly title: string
  /** Share of the page's width among the columns. */
  readonly weight: number
  readonly isNumber?: boolean
  readonly cell: (row: Row) => string
  /** What is added up over all rows, and how a sum is written; sums of money are by currency. */
  readonly sum?: { readonly of: (row: Row) => { unit: string; value: number }; readonly write: Write }
}
type Write = (value: number, unit: string) => string

const zone = 'Asia/Kolkata'
const instants = new Intl.DateTimeFormat('en-IN', { dateStyle: 'medium', timeStyle: 'short', timeZone: zone })
const counts = new Intl.NumberFormat('en-IN')
const kilograms = new Intl.NumberFormat('en-IN', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export const formatInstant = (at: Date): string => instants.format(at)
export const formatCount = (value: number): string => counts.format(value)

const writeMoney: Write = (minor, currency) => {
  const digits = minorDigitsOf(currency)
  return new Intl.NumberFormat('en-IN', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(minor / 10 ** digits)
}
const writeGrams: Write = (grams) => kilograms.format(grams / 1000)
const writeCount: Write = (value) => counts.format(value)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const codeOf = (value: unknown): string => textOf(value).replaceAll('_', ' ')

function text(title: string, name: string, weight: number): PdfColumn {
  return { title, weight, cell: (row) => textOf(row[name]) }
}

function code(title: string, name: string, weight: number): PdfColumn {
  return { title, weight, cell: (row) => codeOf(row[name]) }
}

function instant(title: string, name: string): PdfColumn {
  return {
    title,
    weight: 11,
    cell: (row) => (row[name] instanceof Date ? formatInstant(row[name]) : ''),
  }
}

function figure(title: string, name: string, write: Write, unit: (row: Row) => string = () => ''): PdfColumn {
  const valueOf = (row: Row): number | null => (typeof row[name] === 'number' ? row[name] : null)
  return {
    title,
    weight: 8,
    isNumber: true,
    cell: (row) => {
      const value = valueOf(row)
      return value === null ? '' : write(value, unit(row))
    },
    sum: { of: (row) => ({ unit: unit(row), value: valueOf(row) ?? 0 }), write },
  }
}

const money = (title: string, name: string) => figure(title, name, writeMoney, (row) => textOf(row['currency']))
const grams = (title: string, name: string) => figure(title, name, writeGrams)
const count = (title: string, name: string) => figure(title, name, writeCount)

export type PdfKind = {
  readonly title: string
  /** What a row is, when it counts, and how its figures are meant. */
  readonly meaning: string
  readonly columns: readonly PdfColumn[]
}

/** What of each report fits on paper; the CSV file has every column. */
export const pdfKinds: Readonly<Record<ReportRequest['kind'], PdfKind>> = {
  returns: {
    title: 'Returns',
    meaning:
      'One row is one physical unit, in the period by when it was submitted. Realised value is what its disposition brought after costs; it is empty until that is known.',
    columns: [
      instant('Submitted', 'createdAt'),
      text('RMA', 'rmaNumber', 10),
      text('Title', 'title', 19),
      text('Hub', 'hubCode', 6),
      code('Stage', 'stage', 9),
      text('Grade', 'grade', 5),
      code('Disposition', 'disposition', 12),
      money('Price', 'priceMinor'),
      money('Expected', 'expectedValueMinor'),
      money('Realised', 'realisedValueMinor'),
    ],
  },
  dispositions: {
    title: 'Dispositions',
    meaning:
      'One row is one decision about a unit, in the period by when it was decided; earlier decisions on the same unit stay in the list. Values are net recovery: proceeds after fees, transport, handling, repair and holding.',
    columns: [
      instant('Decided', 'decidedAt'),
      text('RMA', 'rmaNumber', 10),
      text('Hub', 'hubCode', 6),
      text('Grade', 'grade', 5),
      code('Disposition', 'disposition', 12),
      code('Channel', 'channel', 11),
      code('Execution', 'execution', 9),
      code('Reason', 'reasonCode', 10),
      money('Expected', 'expectedValueMinor'),
      money('Realised', 'realisedValueMinor'),
    ],
  },
  esg: {
    title: 'ESG credits',
    meaning:
      'One row is the credit of one executed disposition, in the period by when it was credited. Inventory and avoided emissions are apart and must not be netted; the range of each row is in the CSV file.',
    columns: [
      instant('Credited', 'creditedAt'),
      text('RMA', 'rmaNumber', 10),
      text('Hub', 'hubCode', 6),
      code('Disposition', 'disposition', 12),
      code('Waste stream', 'wasteStream', 10),
      grams('Mass, kg', 'massGrams'),
      grams('Diverted, kg', 'divertedGrams'),
      grams('Inventory, kg CO2e', 'inventoryGrams'),
      grams('Avoided, kg CO2e', 'avoidedGrams'),
      text('Factors', 'factorsVersion', 8),
    ],
  },
  kpis: {
    title: 'Key figures by day',
    meaning:
      'One row is a day (India) of one client, hub, category and sale channel. Each step counts on the day on which it happened.',
    columns: [
      text('Day', 'day', 8),
      text('Hub', 'hubCode', 6),
      text('Category', 'categoryId', 16),
      code('Channel', 'saleChannel', 8),
      count('Submitted', 'submitted'),
      count('Received', 'received'),
      count('Decided', 'decided'),
      count('Completed', 'completed'),
      money('Recovered', 'recoveredMinor'),
      grams('Diverted, kg', 'divertedGrams'),
      money('Refunds', 'refundMinor'),
    ],
  },
  ledger: {
    title: 'Ledger',
    meaning:
      'One row is one line of a double entry, in the period by its time. The lines of a transaction add up to zero in each currency.',
    columns: [
      instant('Time', 'at'),
      text('Transaction', 'tx', 22),
      text('RMA', 'rmaNumber', 10),
      text('Hub', 'hubCode', 6),
      code('Account', 'account', 14),
      money('Amount', 'amountMinor'),
    ],
  },
}
