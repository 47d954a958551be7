import type { SubmitInput } from '#contracts/commands.ts'
import { importLimits, orderLineSchema, type OrderLine, type RefusedCell } from '#contracts/imports.ts'
import { productInputSchema, type ProductInput } from '#contracts/products.ts'
import { returnRequestSchema } from '#contracts/returns.ts'
import { newRmaNumber } from '#kernel/ids.ts'
import type { BoundMapping } from './bind-mapping.ts'
import type { RawRow } from './csv-records.ts'
import type { KeyTable } from './key-table.ts'
import {
  readCells,
  readKeys,
  refusal,
  refuseCell,
  type CellFacts,
  type CellValue,
  type RowValues,
} from './read-cells.ts'

/** What one row of the file comes to. A refused row writes nothing, save the order line that is sound by itself. */
export type MappedRow = {
  readonly line: number
  readonly nextLine: number
  readonly units: readonly SubmitInput[]
  readonly orderLine: OrderLine | null
  readonly product: ProductInput | null
  readonly isSkipped: boolean
  readonly refusals: readonly RefusedCell[]
}

export type RowFacts = CellFacts & { readonly clientId: string; readonly nowMs: number }

/** A row's whole way from text to commands; pure but for the table of keys. */
export function mapRow(bound: BoundMapping, facts: RowFacts, table: KeyTable, row: RawRow): MappedRow {
  const { line, nextLine } = row
  const none: MappedRow = { line, nextLine, units: [], orderLine: null, product: null, isSkipped: false, refusals: [] }
  if (row.fault !== null) return { ...none, refusals: [refusal(line, '', row.fault.code, row.fault.reason, '')] }
  const refusals: RefusedCell[] = []
  const { kind, orderLines } = bound.mapping
  const isReturn = bound.isReturn(row.values)
  const keys = readKeys(bound, row.values, line, isReturn, table, refusals)
  if (kind === 'returns' && !isReturn && orderLines === 'none') return { ...none, isSkipped: true }
  const targets = kind === 'returns' && !isReturn ? bound.ofOrders : bound.targets
  const cells = readCells(bound, targets, facts, row.values, line, keys, refusals)
  const fail = (name: string, code: string, reason: string): void => {
    const target = bound.targets.find((t) => t.name === name)
    if (target === undefined) refusals.push(refusal(line, name, code, reason, ''))
    else refuseCell(refusals, target, line, row.values, code, reason)
  }
  if (kind === 'products') {
    const product = refusals.length > 0 ? null : productOf(cells, facts, fail)
    return refusals.length > 0 ? { ...none, refusals } : { ...none, product }
  }
  const price = priceOf(cells, fail)
  judgeTimes(cells, facts, fail)
  if (kind === 'orders' || !isReturn) {
    const orderLine = refusals.length > 0 ? null : orderLineOf(cells, price.paid, 'unknown', fail)
    return refusals.length > 0 ? { ...none, refusals } : { ...none, orderLine }
  }
  const orderLine =
    orderLines === 'all' && refusals.length === 0 ? orderLineOf(cells, price.paid, 'returned', fail) : null
  // What a cell lacks would only be told twice.
  const units = refusals.length > 0 ? [] : unitsOf(cells, price, facts, fail)
  return refusals.length > 0 ? { ...none, orderLine, refusals } : { ...none, orderLine, units }
}

type Fail = (name: string, code: string, reason: string) => void

type Price = { readonly paid: number | null; readonly mrp: number | null }

function priceOf({ values }: RowValues, fail: Fail): Price {
  const full = (values.get('price') ?? values.get('lineTotal') ?? null) as number | null
  const discount = (values.get('discount') ?? null) as number | null
  const mrp = (values.get('mrp') ?? null) as number | null
  if (discount === null || full === null) return { paid: full, mrp }
  if (discount > full) {
    fail('discount', 'discount_above_price', 'the discount is larger than the price')
    return { paid: null, mrp }
  }
  return { paid: full - discount, mrp: mrp ?? full }
}

const clockSkewMs = 10 * 60_000

function judgeTimes({ values }: RowValues, facts: RowFacts, fail: Fail): void {
  const at = (name: string): number | null => {
    const value = values.get(name)
    return typeof value === 'string' ? Date.parse(value) : null
  }
  const orderedAt = at('orderedAt')
  for (const name of ['orderedAt', 'deliveredAt', 'requestedAt']) {
    const time = at(name)
    if (time !== null && time > facts.nowMs + clockSkewMs) fail(name, 'time_in_future', 'lies in the future')
  }
  const [deliveredAt, requestedAt] = [at('deliveredAt'), at('requestedAt')]
  if (orderedAt !== null && deliveredAt !== null && deliveredAt < orderedAt)
    fail('deliveredAt', 'delivered_before_order', 'lies before the day of the order')
  if (orderedAt !== null && requestedAt !== null && requestedAt < orderedAt)
    fail('requestedAt', 'return_before_order', 'lies before the day of the order')
}

function orderLineOf(
  { values, currency, quantity }: RowValues,
  paidMinor: number | null,
  outcome: string,
  fail: Fail,
): OrderLine | null {
  const text = (name: string) => (values.get(name) as string | undefined) ?? null
  const result = orderLineSchema.safeParse({
    lineRef: text('orderLineRef'),
    orderRef: text('orderRef') ?? text('orderLineRef'),
    sku: text('sku'),
    categoryId: text('categoryId'),
    quantity: quantity ?? 1,
    currency,
    paidMinor,
    orderedAt: text('orderedAt'),
    deliveredAt: text('deliveredAt'),
    shipPincode: text('pickupPincode'),
    shipState: text('shipState'),
    saleChannel: text('saleChannel'),
    outcome: text('outcome') ?? outcome,
  })
  if (result.success) return result.data
  const names: Readonly<Record<string, string>> = {
    lineRef: 'orderLineRef',
    paidMinor: 'price',
    shipPincode: 'pickupPincode',
  }
  for (const issue of result.error.issues) {
    const field = String(issue.path[0])
    fail(names[field] ?? field, issue.code, issue.message)
  }
  return null
}

function productOf({ values, currency }: RowValues, { clientId }: RowFacts, fail: Fail): ProductInput | null {
  const { price, mrp, cost, ...rest } = Object.fromEntries(values)
  const result = productInputSchema.safeParse({
    ...rest,
    clientId,
    currency,
    priceMinor: price ?? null,
    mrpMinor: mrp ?? null,
    costMinor: cost ?? null,
  })
  if (result.success) return result.data
  for (const issue of result.error.issues) fail(String(issue.path[0]).replace(/Minor$/, ''), issue.code, issue.message)
  return null
}

const requestFields = [
  'rmaNumber',
  'sku',
  'title',
  'categoryId',
  'orderRef',
  'orderLineRef',
  'orderedAt',
  'deliveredAt',
  'requestedAt',
  'returnType',
  'reasonCode',
  'saleChannel',
  'pickupPincode',
  'isOpened',
  'awb',
  'serialNumber',
] as const

function unitsOf({ values, currency, quantity }: RowValues, price: Price, facts: RowFacts, fail: Fail): SubmitInput[] {
  if (quantity === 0) fail('quantity', 'quantity_zero', 'a return of no units')
  if (quantity !== null && quantity > importLimits.unitsPerRow) {
    fail('quantity', 'quantity_too_large', `at most ${importLimits.unitsPerRow} units in one row`)
    return []
  }
  if (quantity !== null && quantity > 1 && values.has('serialNumber'))
    fail('serialNumber', 'serial_of_many', 'one serial number cannot belong to several units')
  const request: Record<string, unknown> = { clientId: facts.clientId }
  for (const name of requestFields) if (values.has(name)) request[name] = values.get(name)
  if (price.paid !== null) request['price'] = { amount: price.paid, currency }
  if (price.mrp !== null) request['mrp'] = { amount: price.mrp, currency }
  const customer: Record<string, CellValue> = {}
  for (const [name, value] of values) if (name.startsWith('customer.')) customer[name.slice('customer.'.length)] = value
  if (Object.keys(customer).length > 0) request['customer'] = customer
  const base = String(values.get('clientRef') ?? '')
  // A file that counts units numbers them, also a single one: the count may differ in the next export.
  const refs = quantity === null ? [base] : Array.from({ length: quantity }, (_, i) => `${base}/${i + 1}`)
  if (refs.length > 1 && request['rmaNumber'] === undefined) request['rmaNumber'] = newRmaNumber()
  // The longest reference stands for all.
  const result = returnRequestSchema.safeParse({ ...request, clientRef: refs.at(-1) ?? base })
  if (!result.success) {
    for (const issue of result.error.issues)
      fail(issue.path.slice(0, issue.path[0] === 'customer' ? 2 : 1).join('.'), issue.code, issue.message)
    return []
  }
  return refs.map((clientRef) => ({ ...result.data, clientRef, source: 'file' as const }))
}
