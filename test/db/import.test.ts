import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { gunzipSync } from 'node:zlib'
import type { ImportCounts, RefusedCell } from '#contracts/imports.ts'
import { importFile, type ImportOptions } from '#flows/import-returns.ts'
import type { ImportSource } from '#services/returns/index.ts'
import { recordShippedMappings } from '#services/returns/index.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { givenClient, givenHub, system } from '../support/given.ts'
import { realFile, returnsTable, shippedMapping, textSource } from '../support/import-files.ts'

async function setUp(t: Parameters<typeof openTestContext>[0]) {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  await givenHub(ctx, { capacity: 1_000_000 })
  const own = await shippedMapping('smartreturns-csv')
  const take = (source: ImportSource, options: Partial<ImportOptions> = {}) =>
    importFile(ctx, source, { clientId, actor: system, mapping: own, ...options })
  return { ctx, clientId, take }
}

async function count(ctx: TestContextOf, table: string): Promise<number> {
  const [row] = await ctx.db.query<{ n: number }>(`select count(*) as n from ${table}`)
  return row!.n
}

const some = (counts: ImportCounts, names: readonly (keyof ImportCounts)[]) =>
  Object.fromEntries(names.map((name) => [name, counts[name]]))

async function allRows(source: ImportSource): Promise<Record<string, string>[]> {
  const chunks: Buffer[] = []
  for await (const chunk of source.open()) chunks.push(Buffer.from(chunk))
  const bytes = Buffer.concat(chunks)
  return parse(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes, { columns: true, skip_empty_lines: true })
}

test('one bad row of ten thousand is told by its line, the others are recorded; the same file adds nothing', async (t) => {
  const { ctx, take } = await setUp(t)
  const file = textSource(returnsTable(10_000, { bad: [4321] }))
  const refusals: RefusedCell[] = []
  const onRefused = (more: readonly RefusedCell[]) => Promise.resolve(void refusals.push(...more))
  const report = await take(file, { onRefused })
  assert.equal(report.state, 'done')
  assert.deepEqual(some(report.counts, ['rows', 'accepted', 'refused', 'repeated']), {
    rows: 10_000,
    accepted: 9_999,
    refused: 1,
    repeated: 0,
  })
  assert.deepEqual(refusals, [
    { line: 4323, column: 'price', code: 'number_format', reason: 'not a number as en-IN writes it', value: 'much' },
  ])
  assert.equal(await count(ctx, 'return_items'), 9_999)

  const second = await take(file)
  assert.equal(second.state, 'already_imported')
  assert.match(second.notes[0] ?? '', /nothing was added/)
  assert.equal(second.counts.accepted, 0)

  const again = await take(file, { again: true })
  assert.deepEqual(some(again.counts, ['accepted', 'repeated', 'refused']), {
    accepted: 0,
    repeated: 9_999,
    refused: 1,
  })
  assert.equal(await count(ctx, 'return_items'), 9_999)
})

test('a dry run judges every row and writes nothing', async (t) => {
  const { ctx, take } = await setUp(t)
  const tables = ['events', 'return_items', 'imports', 'order_lines', 'person_keys', 'identifiers']
  const before = await Promise.all(tables.map((table) => count(ctx, table)))
  const text = `${returnsTable(600, { bad: [7] }).replace(/\n$/, '')}\n`
    .replaceAll('pickupPincode', 'phone')
    .replaceAll(',560034', ',9845012345')
  const report = await take(textSource(text), { isDryRun: true })
  assert.deepEqual(some(report.counts, ['rows', 'accepted', 'refused']), { rows: 600, accepted: 599, refused: 1 })
  assert.equal(report.importId, null)
  assert.deepEqual(await Promise.all(tables.map((table) => count(ctx, table))), before)
})

test('an import that is stopped goes on where it stopped', async (t) => {
  const { ctx, take } = await setUp(t)
  const file = textSource(returnsTable(2_000, { bad: [3, 1_900] }))
  const stop = new AbortController()
  const refusals: RefusedCell[] = []
  const onRefused = (more: readonly RefusedCell[]) => Promise.resolve(void refusals.push(...more))
  const first = await take(file, { signal: stop.signal, onRefused, onProgress: () => stop.abort() })
  assert.equal(first.state, 'interrupted')
  const kept = await count(ctx, 'return_items')
  assert.ok(kept > 0 && kept < 1_998)
  assert.equal(first.nextLine, kept + first.counts.refused + 2)

  const second = await take(file, { resume: true, onRefused })
  assert.equal(second.state, 'done')
  assert.deepEqual(some(second.counts, ['rows', 'accepted', 'repeated', 'refused']), {
    rows: 2_000,
    accepted: 1_998,
    repeated: 0,
    refused: 2,
  })
  assert.deepEqual(
    refusals.map((cell) => cell.line),
    [5, 1_902],
  )
  assert.equal(await count(ctx, 'return_items'), 1_998)
})

test('a database that fails in mid-file leaves a checkpoint to go on from', async (t) => {
  const { ctx, clientId } = await setUp(t)
  const file = textSource(returnsTable(1_500))
  let batches = 0
  const failing = {
    ...ctx,
    db: {
      ...ctx.db,
      atOnce: (...args: Parameters<typeof ctx.db.atOnce>) =>
        (batches += 1) > 2 ? Promise.reject(new Error('the disk is full')) : ctx.db.atOnce(...args),
    },
  }
  const options = { clientId, actor: system, mapping: await shippedMapping('smartreturns-csv') }
  await assert.rejects(importFile(failing, file, options), /disk is full/)
  const [row] = await ctx.db.query<{ state: string; line: number }>(`select state, next_line as line from imports`)
  assert.equal(row!.state, 'interrupted')
  assert.equal(row!.line, (await count(ctx, 'return_items')) + 2)
  const report = await importFile(ctx, file, { ...options, resume: true })
  assert.equal(report.counts.accepted, 1_500)
  assert.equal(await count(ctx, 'return_items'), 1_500)
})

test('two processes on one file: the later one takes over, nothing is recorded twice', async (t) => {
  const { ctx, take } = await setUp(t)
  const file = textSource(returnsTable(3_000))
  let other: ReturnType<typeof take> | undefined
  const first = take(file, { onProgress: () => void (other ??= take(file, { resume: true })) })
  await assert.rejects(first, /another process has taken this import over/)
  const report = await other!
  assert.equal(report.state, 'done')
  assert.equal(await count(ctx, 'return_items'), 3_000)
})

test('the wrong client, a client switched off, a mapping that does not fit: told before anything is read in', async (t) => {
  const { ctx, clientId, take } = await setUp(t)
  const file = textSource(returnsTable(3))
  await assert.rejects(take(file, { clientId: '01920000-0000-7000-8000-000000000009' }), /no such client/)
  await assert.rejects(take(file, { actor: { ...system, clientIds: [] } }), /no such client/)
  await assert.rejects(
    take(file, { mapping: await shippedMapping('superstore') }),
    /does not fit this file: the file has no column "order_id"/,
  )
  await ctx.db.query('update clients set is_active = false where id = $1', [clientId])
  await assert.rejects(take(file), /switched off/)
  assert.equal(await count(ctx, 'imports'), 0)
})

test('the mapping is found by the header', async (t) => {
  const { ctx, clientId } = await setUp(t)
  await recordShippedMappings(
    ctx.db,
    [await shippedMapping('smartreturns-csv'), await shippedMapping('superstore')],
    new Date(ctx.now()),
  )
  const report = await importFile(ctx, textSource(returnsTable(3)), { clientId, actor: system })
  assert.equal(report.mapping, 'smartreturns-csv')
  assert.equal(report.counts.accepted, 3)
})

const dirtyRows = [
  'Order_ID,Product_ID,User_ID,Order_Date,Return_Date,Product_Category,Product_Price,Order_Quantity,Return_Reason,Return_Status,Discount_Applied',
  'ORD1,P1,U1,05-08-23,26-08-23,Clothing,411.59,3,Changed mind,Returned,45.27',
  'ORD2,P2,U2,05-08-23,26-07-23,Clothing,411.59,1,Defective,Returned,45.27',
  'ORD3,P3,U3,05-08-23,06-08-23,Toys,-4.00,1,Defective,Returned,0',
  'ORD4,P4,U4,05-08-23,06-08-23,Toys,4.00,0,Defective,Returned,0',
  'ORD5,P5,U5,05-08-23,06-08-23,Toys,4.00,1,Defective,Returned,4.01',
  'ORD6,P6,U6,31-02-23,,Toys,4.00,1,,Not Returned,0',
  'ORD7,P7,U7,05-08-23,,Books,4.00,1,,Not Returned,0',
].join('\n')

test('dirty returns: nothing impossible is accepted, each refused row has its reason', async (t) => {
  const { ctx, take } = await setUp(t)
  const mapping = await shippedMapping('returns-dirty')
  for (const file of [textSource(dirtyRows), realFile(t, 'returns_dirty_fixture/returns_1000.csv')]) {
    if (file === null) continue
    const refusals: RefusedCell[] = []
    const report = await take(file, { mapping, onRefused: (more) => Promise.resolve(void refusals.push(...more)) })
    const rows = await allRows(file)
    const day = (text = '') => text.split('-').toReversed().join('')
    const impossible = rows.flatMap((row, i) => {
      const isReturned = row['Return_Status'] === 'Returned'
      const isBad =
        (isReturned && day(row['Return_Date']) < day(row['Order_Date'])) ||
        Number(row['Discount_Applied']) > Number(row['Product_Price']) ||
        Number(row['Product_Price']) < 0 ||
        row['Order_Date'] === '31-02-23' ||
        (isReturned && Number(row['Order_Quantity']) < 1)
      return isBad ? [i + 2] : []
    })
    assert.deepEqual([...new Set(refusals.map((cell) => cell.line))], impossible)
    assert.ok(refusals.every((cell) => cell.code !== '' && cell.reason !== ''))
    assert.equal(report.counts.refused, impossible.length)
    const good = rows.filter((_, i) => !impossible.includes(i + 2))
    const returned = good.filter((row) => row['Return_Status'] === 'Returned')
    assert.equal(
      report.counts.accepted + report.counts.rejected,
      returned.reduce((sum, row) => sum + Number(row['Order_Quantity']), 0),
    )
    assert.equal(report.counts.orderLines, good.length - returned.length)
  }
  const [backwards] = await ctx.db.query<{ n: number }>(
    `select count(*) as n from return_items where requested_at < ordered_at or price_minor < 0`,
  )
  assert.equal(backwards!.n, 0)
})

const ordersRows = [
  'order_key,order_date,status_raw,fulfilment,sales_channel,category,size,qty,currency,amount_inr,ship_state,ship_postal_code',
  'a1,2022-04-30,Shipped - Delivered to Buyer,Merchant,Amazon.in,Shirt,L,1,INR,406.0,KARNATAKA,560085',
  'a1,2022-04-30,Shipped - Returned to Seller,Merchant,Amazon.in,Shirt,L,2,INR,407.0,KARNATAKA,560085',
  'a2,2022-04-30,Shipped,Amazon,Amazon.in,Shirt,L,1,INR,406.0,KARNATAKA,560085',
  'a3,2022-04-30,Shipped - Rejected by Buyer,Merchant,Amazon.in,Wallet,Free,1,INR,406.0,KARNATAKA,560085',
  'a4,2022-04-30,Cancelled,Merchant,Amazon.in,Wallet,Free,0,,,KARNATAKA,560085',
  'a5,2022-04-30,Shipped - Returning to Seller,Merchant,Amazon.in,Wallet,Free,0,,,KARNATAKA,560085',
  'a6,2022-04-30,Shipped - Lost in Transit,Merchant,Amazon.in,Socks,Free,1,INR,99.0,KARNATAKA,',
].join('\n')

/** The outcome that the data's own README gives each status. */
function outcomeOf(status = ''): string {
  if (/Delivered to Buyer/.test(status)) return 'delivered'
  if (/Return(ed|ing) to Seller/.test(status)) return 'returned'
  if (/Rejected by Buyer/.test(status)) return 'rto'
  if (/Cancelled/.test(status)) return 'cancelled'
  return /Lost|Damaged/.test(status) ? 'lost' : 'unknown'
}

test('marketplace orders: every row an order line, what came back a return, and what is not known stays unknown', async (t) => {
  const { ctx, take } = await setUp(t)
  const mapping = await shippedMapping('amazon-in-orders')
  for (const file of [textSource(ordersRows), realFile(t, 'amazon_in_orders/orders_train.csv.gz')]) {
    if (file === null) continue
    await ctx.db.query('delete from order_lines')
    const report = await take(file, { mapping })
    const rows = await allRows(file)
    const tally = (of: (row: Record<string, string>) => string) => {
      const sums: Record<string, number> = {}
      for (const row of rows) sums[of(row)] = (sums[of(row)] ?? 0) + 1
      return sums
    }
    const stored = await ctx.db.query<{ outcome: string; n: number }>(
      `select outcome, count(*) as n from order_lines group by 1`,
    )
    assert.deepEqual(
      Object.fromEntries(stored.map((row) => [row.outcome, row.n])),
      tally((row) => outcomeOf(row['status_raw'])),
    )
    const back = rows.filter((row) => ['returned', 'rto'].includes(outcomeOf(row['status_raw'])))
    assert.equal(
      report.counts.accepted + report.counts.rejected,
      back.reduce((sum, row) => sum + Number(row['qty']), 0),
    )
    assert.equal(report.counts.refused, back.filter((row) => Number(row['qty']) === 0).length)
    assert.equal(report.counts.orderLines, rows.length)

    const again = await take(file, { mapping, again: true })
    assert.deepEqual(some(again.counts, ['orderLines', 'orderLinesUnchanged', 'accepted']), {
      orderLines: 0,
      orderLinesUnchanged: rows.length,
      accepted: 0,
    })
  }
  const [rto] = await ctx.db.query<{ returnType: string; reason: string }>(
    `select return_type as "returnType", reason_code as reason from return_items where client_ref = 'a3-Wallet-Free/1'`,
  )
  assert.deepEqual(rto, { returnType: 'rto', reason: 'refused_on_delivery' })
  const pair = await ctx.db.query<{ ref: string; price: number }>(
    `select client_ref as ref, price_minor as price from return_items where order_ref = 'a1' order by 1`,
  )
  assert.deepEqual(pair, [
    { ref: 'a1-Shirt-L~2/1', price: 20350 },
    { ref: 'a1-Shirt-L~2/2', price: 20350 },
  ])
})

test('a later file tells more of an order line, and takes nothing back', async (t) => {
  const { ctx, take } = await setUp(t)
  const mapping = await shippedMapping('amazon-in-orders')
  const [head, ...rows] = ordersRows.split('\n')
  const file = (row: string) => textSource([head, row].join('\n'))
  await take(file(rows[2]!), { mapping })
  await take(file(rows[2]!.replace('Shipped,Amazon', 'Shipped - Delivered to Buyer,Merchant')), { mapping })
  await take(file(rows[2]!.replace('406.0', '').replace('KARNATAKA', '')), { mapping })
  const stored = await ctx.db.query(`select outcome, paid_minor as paid, ship_state as state from order_lines`)
  assert.deepEqual(stored, [{ outcome: 'delivered', paid: 40600, state: 'KARNATAKA' }])
})

test('superstore: returned lines are returns in US dollars, one a unit', async (t) => {
  const { ctx, take } = await setUp(t)
  const made = [
    'row_id,order_id,order_date,ship_date,product_id,product_name,sub_category,sales,quantity,returned,state_province,customer_id',
    '1,US-1,2019-01-03,2019-01-07,OFF-1,Paper,Paper,16.448,2,1,Texas,C-1',
    '2,US-1,2019-01-03,2019-01-07,OFF-2,Binder,Binders,5,1,0,Texas,C-1',
  ].join('\n')
  for (const file of [textSource(made), realFile(t, 'superstore_returns/order_lines_2019_to_2022H1.csv')]) {
    if (file === null) continue
    const report = await take(file, { mapping: await shippedMapping('superstore') })
    const rows = await allRows(file)
    const units = rows.filter((row) => row['returned'] === '1').reduce((sum, row) => sum + Number(row['quantity']), 0)
    assert.deepEqual(some(report.counts, ['units', 'refused', 'orderLines']), {
      units,
      refused: 0,
      orderLines: rows.length,
    })
  }
  const [unit] = await ctx.db.query(
    `select price_minor as price, currency from return_items where client_ref = 'US-1-OFF-1/2'`,
  )
  assert.deepEqual(unit, { price: 822, currency: 'USD' })
})

test('catalogues: prices in paise, categories by path, and the second time nothing changes', async (t) => {
  const { ctx, take } = await setUp(t)
  const made = [
    'product_id,product_name,category_path,discounted_price_inr,actual_price_inr',
    'B01,Nylon USB cable,Computers&Accessories|Accessories&Peripherals|Cables&Accessories|Cables,399.0,1099.0',
    'B02,Blue cotton shirt,Nowhere|At|All,"1,299",',
  ].join('\n')
  const files: readonly (readonly [string, ImportSource | null])[] = [
    ['amazon-in-products', textSource(made)],
    ['amazon-in-products', realFile(t, 'amazon_in_products/products.csv')],
    ['flipkart-products', realFile(t, 'flipkart_catalog/products_priced_999.csv')],
  ]
  for (const [name, file] of files) {
    if (file === null) continue
    const mapping = await shippedMapping(name)
    const report = await take(file, { mapping })
    assert.deepEqual(some(report.counts, ['products', 'refused']), {
      products: (await allRows(file)).length,
      refused: 0,
    })
    const again = await take(file, { mapping, again: true })
    assert.deepEqual(some(again.counts, ['products', 'productsUnchanged']), {
      products: 0,
      productsUnchanged: report.counts.products,
    })
  }
  const stored = await ctx.db.query(
    `select sku, category_id as category, is_category_inferred as guessed, price_minor as price, mrp_minor as mrp from products where sku in ('B01', 'B02') order by 1`,
  )
  assert.deepEqual(stored, [
    { sku: 'B01', category: 'electronics.accessory.cable_charger', guessed: false, price: 39900, mrp: 109900 },
    { sku: 'B02', category: 'fashion.apparel.topwear', guessed: true, price: 129900, mrp: null },
  ])
})
