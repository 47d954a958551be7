import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { orderLineSchema } from '#contracts/imports.ts'
import { returnRequestSchema } from '#contracts/returns.ts'
import { bindMapping } from './bind-mapping.ts'
import { checkMapping, mappingHash } from './check-mapping.ts'
import { detectMapping } from './detect-mapping.ts'
import { errorsCsv } from './errors-file.ts'
import { openKeyTable } from './key-table.ts'
import { mapRow, type MappedRow } from './map-rows.ts'
import { readShippedMappings } from './mapping-store.ts'

const facts = {
  categories: new Set(['books.general.book']),
  clientId: '01920000-0000-7000-8000-000000000001',
  nowMs: Date.parse('2026-11-20T06:00:00Z'),
}

function mapping(input: object) {
  const checked = checkMapping({ name: 'test', version: 1, kind: 'returns', ...input })
  if (!checked.ok) assert.fail(JSON.stringify(checked.rejection.errors))
  return checked.value
}

function map(input: object, header: string, ...rows: string[]): MappedRow[] {
  const bound = bindMapping(mapping(input), header.split(','))
  const table = openKeyTable()
  return rows.map((row, i) =>
    mapRow(bound, facts, table, { line: i + 2, nextLine: i + 3, values: row.split(','), fault: null }),
  )
}

const codes = (row: MappedRow | undefined) => row?.refusals.map((r) => `${r.column}:${r.code}`)
const simple = {
  columns: {
    clientRef: { from: 'id' },
    quantity: { from: 'qty' },
    price: { from: 'price' },
    orderedAt: { from: 'ordered' },
    requestedAt: { from: 'asked' },
  },
}
const header = 'id,qty,price,ordered,asked'

test('a row of several units becomes that many, numbered, of one RMA', () => {
  const [row, single] = map(simple, header, 'R-1,3,499,2026-11-01,2026-11-05', 'R-2,1,499,2026-11-01,2026-11-05')
  assert.deepEqual(
    row?.units.map((unit) => unit.clientRef),
    ['R-1/1', 'R-1/2', 'R-1/3'],
  )
  assert.equal(new Set(row?.units.map((unit) => unit.rmaNumber)).size, 1)
  assert.deepEqual(row?.units[0]?.price, { amount: 49900, currency: 'INR' })
  assert.deepEqual(
    single?.units.map((unit) => unit.clientRef),
    ['R-2/1'],
  )
})

test('impossible rows are refused, each with its reason', () => {
  const rows = map(
    simple,
    header,
    'R-1,0,499,2026-11-01,2026-11-05',
    'R-2,1,-5,2026-11-01,2026-11-05',
    'R-3,1,499,2026-11-05,2026-11-01',
    'R-4,1,499,2026-11-01,2027-11-05',
    'R-5,201,499,2026-11-01,2026-11-05',
    ',1,499,2026-11-01,2026-11-05',
    'R-5,1,499,01/11/2026,2026-11-05',
  )
  assert.deepEqual(rows.map(codes), [
    ['qty:quantity_zero'],
    ['price:negative'],
    ['asked:return_before_order'],
    ['asked:time_in_future'],
    ['qty:quantity_too_large'],
    ['id:required'],
    ['id:key_repeated', 'ordered:date_format'],
  ])
  assert.ok(rows.every((row) => row.units.length === 0))
})

test('a key that comes twice is refused, or numbered where the mapping says so', () => {
  assert.deepEqual(map(simple, header, 'R-1,1,5,,', 'R-1,1,5,,').map(codes), [[], ['id:key_repeated']])
  const numbered = { columns: { clientRef: { join: ['order', 'sku'], ordinal: true } } }
  const rows = map(numbered, 'order,sku', 'O-1,A', 'O-1,B', 'O-1,A', 'O-1,A')
  assert.deepEqual(
    rows.map((row) => row.units[0]?.clientRef),
    ['O-1-A', 'O-1-B', 'O-1-A~2', 'O-1-A~3'],
  )
})

test('the discount comes off the price and may not exceed it', () => {
  const columns = { clientRef: { from: 'id' }, price: { from: 'price' }, discount: { from: 'off' } }
  const [row, bad] = map({ columns }, 'id,price,off', 'R-1,100,30.50', 'R-2,20,30.50')
  assert.deepEqual([row?.units[0]?.price?.amount, row?.units[0]?.mrp?.amount], [6950, 10000])
  assert.deepEqual(codes(bad), ['off:discount_above_price'])
})

test('tables of values; one that is not in them is refused', () => {
  const columns = {
    clientRef: { from: 'id' },
    reasonCode: { from: 'why', map: { 'Wrong Item': 'wrong_item' } },
    isOpened: { from: 'opened', empty: ['NA'] },
  }
  const [row, bad, odd] = map({ columns }, 'id,why,opened', 'R-1,wrong item,NA', 'R-2,no idea,yes', 'R-3,,perhaps')
  assert.equal(row?.units[0]?.reasonCode, 'wrong_item')
  assert.equal(row?.units[0]?.isOpened, undefined)
  assert.deepEqual(codes(bad), ['why:value_unknown'])
  assert.deepEqual(codes(odd), ['opened:boolean_format'])
})

test('personal data never stands in the errors, and a formula is disarmed', () => {
  const columns = { clientRef: { from: 'id' }, 'customer.phone': { from: 'phone' }, price: { from: 'price' } }
  const [row] = map({ columns }, 'id,phone,price', 'R-1,9.19845E+11,=1+1')
  assert.deepEqual(codes(row), ['phone:phone_damaged', 'price:number_format'])
  const csv = errorsCsv(row!.refusals)
  assert.ok(!csv.includes('9.19845'))
  assert.ok(csv.includes("'=1+1"))
})

test('rows that are no returns become order lines; a refused return leaves its sound order line where all are kept', () => {
  const input = {
    columns: {
      clientRef: { from: 'id' },
      orderLineRef: { from: 'id' },
      orderedAt: { from: 'day' },
      quantity: { from: 'qty' },
      outcome: { from: 'status', map: { back: 'returned', sold: 'delivered' } },
    },
    rowFilter: { from: 'status', in: ['back'] },
    orderLines: 'all',
  }
  const rows = map(
    input,
    'id,day,qty,status',
    'L-1,2026-11-01,1,sold',
    'L-2,2026-11-01,2,back',
    'L-3,2026-11-01,0,back',
  )
  assert.deepEqual(
    rows.map((row) => [row.orderLine?.outcome, row.units.length, row.refusals.length]),
    [
      ['delivered', 0, 0],
      ['returned', 2, 0],
      ['returned', 0, 1],
    ],
  )
})

test('what only a return has may be empty in the other rows, and they do not take its key', () => {
  const input = {
    columns: {
      clientRef: { from: 'rma' },
      orderLineRef: { from: 'id' },
      orderedAt: { from: 'day' },
      reasonCode: { from: 'why', map: { fault: 'defective' } },
    },
    rowFilter: { from: 'status', in: ['back'] },
    orderLines: 'others',
  }
  const rows = map(
    input,
    'rma,id,day,why,status',
    ',L-1,2026-11-01,none,sold',
    'R-1,L-2,2026-11-01,,sold',
    'R-1,L-2,2026-11-01,fault,back',
    ',L-3,2026-11-01,fault,back',
  )
  assert.deepEqual(rows.map(codes), [[], [], [], ['rma:required']])
  assert.deepEqual(
    rows.map((row) => [row.units.length, row.orderLine?.lineRef]),
    [
      [0, 'L-1'],
      [0, 'L-2'],
      [1, undefined],
      [0, undefined],
    ],
  )
})

test('a wrong mapping is told all its faults, with the nearest field', () => {
  const checked = checkMapping({
    name: 'x',
    version: 1,
    kind: 'returns',
    columns: {
      clientref: { from: 'id' },
      price: { from: 'a', join: ['b', 'c'] },
      orderedAt: { from: 'd', format: 'dd.mm' },
    },
  })
  assert.ok(!checked.ok)
  const details = (checked.rejection.errors ?? []).map((error) => error.detail).join('\n')
  assert.match(details, /no field "clientref" in returns; the nearest is "clientRef"/)
  assert.match(details, /either "from" or "join"/)
  assert.match(details, /no date format/)
  assert.match(details, /need a column for "clientRef"/)
})

test('columns that are missing or named twice are refused when they are needed', () => {
  assert.throws(() => bindMapping(mapping(simple), ['ident', 'qty']), /no column "id"; the nearest is/)
  assert.throws(() => bindMapping(mapping(simple), ['id', 'ID', 'qty']), /"id" 2 times/)
  assert.doesNotThrow(() => bindMapping(mapping(simple), ['id', 'other', 'other']))
})

test('the shipped mappings are valid, distinct, and found by the header of their files', async () => {
  const shipped = await readShippedMappings(join(import.meta.dirname, '..', '..', '..', '..', 'data', 'mappings'))
  assert.deepEqual(
    shipped.map((m) => m.name),
    ['amazon-in-orders', 'amazon-in-products', 'flipkart-products', 'returns-dirty', 'smartreturns-csv', 'superstore'],
  )
  assert.equal(new Set(shipped.map(mappingHash)).size, shipped.length)
  const headers: readonly (readonly [string, string])[] = [
    [
      'amazon-in-orders',
      'order_key,order_date,status_raw,outcome,courier_status,fulfilment,sales_channel,category,size,qty,currency,amount_inr,ship_city,ship_state,ship_postal_code',
    ],
    [
      'superstore',
      'row_id,order_id,order_date,ship_date,product_id,sub_category,product_name,sales,quantity,discount,returned,state_province,customer_id',
    ],
    [
      'returns-dirty',
      'Order_ID,Product_ID,User_ID,Order_Date,Return_Date,Product_Category,Product_Price,Order_Quantity,Return_Reason,Return_Status,Discount_Applied',
    ],
    ['amazon-in-products', 'product_id,product_name,category_path,discounted_price_inr,actual_price_inr'],
    ['flipkart-products', 'uniq_id,product_name,category_path,pid,retail_price_inr,discounted_price_inr,brand'],
    ['smartreturns-csv', 'client_ref,sku,price,reason'],
  ]
  for (const [name, columns] of headers) assert.equal(detectMapping(shipped, columns.split(',')).name, name)
  assert.throws(() => detectMapping(shipped, ['foo', 'bar']), /no saved mapping fits/)
})

test('whatever stands in the cells: an accepted row is valid, a refused one has a reason', async () => {
  const shipped = await readShippedMappings(join(import.meta.dirname, '..', '..', '..', '..', 'data', 'mappings'))
  const cell = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '1',
      '0',
      '-1',
      '3.0',
      '2026-11-01',
      '05-08-23',
      'Returned',
      '₹1,200',
      '=1',
      'Shirt',
      '560001',
      '1E+5',
    ),
  )
  for (const shippedMapping of shipped) {
    const names = Object.values(shippedMapping.columns).flatMap(
      (rule) => rule.join ?? (typeof rule.from === 'string' ? [rule.from] : (rule.from ?? []).slice(0, 1)),
    )
    const bound = bindMapping(shippedMapping, [...new Set(names)])
    const table = openKeyTable()
    let line = 1
    fc.assert(
      fc.property(fc.array(cell, { minLength: new Set(names).size, maxLength: new Set(names).size }), (values) => {
        line += 1
        const row = mapRow(bound, facts, table, { line, nextLine: line + 1, values, fault: null })
        for (const unit of row.units) {
          const { source: _, ...request } = unit
          assert.ok(returnRequestSchema.safeParse(request).success)
          if (unit.orderedAt !== undefined && unit.requestedAt !== undefined)
            assert.ok(unit.requestedAt >= unit.orderedAt)
        }
        if (row.orderLine !== null) assert.ok(orderLineSchema.safeParse(row.orderLine).success)
        if (row.units.length === 0 && row.orderLine === null && row.product === null && !row.isSkipped)
          assert.ok(row.refusals.length > 0)
      }),
      { numRuns: 300 },
    )
  }
})
