import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { CommandActor } from '#contracts/commands.ts'
import { productInputSchema, type ProductInput, type ProductReceipt } from '#contracts/products.ts'
import { verifyReplay } from '#flows/replay.ts'
import type { AppError } from '#kernel/errors.ts'
import type { Outcome } from '#kernel/outcome.ts'
import { createClient, inferCategories, readProduct, recordProducts, updateClient } from '#services/returns/index.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { command, givenClient, system } from '../support/given.ts'

const nowhere = '01920000-0000-7000-8000-00000000dead'

function product(clientId: string, sku: string, input: Partial<ProductInput> = {}): ProductInput {
  return { ...productInputSchema.parse({ sku, title: 'Steel pan' }), clientId, ...input }
}

async function record(ctx: TestContextOf, inputs: readonly ProductInput[], actor: CommandActor = system) {
  const ready = await inferCategories(ctx, inputs)
  return ctx.db.transaction((tx) => recordProducts(ctx, tx, { actor, requestId: 'request-1' }, ready))
}

function valueOf(outcome: Outcome<ProductReceipt> | undefined): ProductReceipt {
  return outcome?.ok ? outcome.value : assert.fail(JSON.stringify(outcome))
}

function told(outcomes: readonly Outcome<ProductReceipt>[]): string[] {
  return outcomes.map((outcome) => (outcome.ok ? outcome.value.change : outcome.rejection.code))
}

async function productEvents(ctx: TestContextOf) {
  return (await ctx.events.read(0, 10_000)).filter((event) => event.type === 'ProductRecorded')
}

test('products: none, one, a mixture, a full batch, and the same batch again', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  assert.deepEqual(await record(ctx, []), [])

  const first = valueOf((await record(ctx, [product(clientId, 'A')]))[0])
  assert.deepEqual([first.change, first.version], ['created', 1])

  const mixed = await record(ctx, [
    product(nowhere, 'A'),
    product(clientId, 'A', { priceMinor: 500 }),
    product(clientId, 'B', { categoryId: 'no.such.category' }),
    product(clientId, 'C'),
    product(clientId, 'C'),
  ])
  assert.deepEqual(told(mixed), ['client_unknown', 'updated', 'category_unknown', 'created', 'sku_repeated'])
  assert.equal(valueOf(mixed[1]).id, first.id)
  assert.equal(valueOf(mixed[1]).version, 2)

  const full = Array.from({ length: 1000 }, (_, i) =>
    product(clientId, `F${i}`, { mrpMinor: i, launchedOn: '2026-02-28' }),
  )
  assert.deepEqual([...new Set(told(await record(ctx, full)))], ['created'])
  const before = (await productEvents(ctx)).length
  assert.deepEqual([...new Set(told(await record(ctx, full)))], ['none'])
  assert.equal((await productEvents(ctx)).length, before, 'what did not change is no event')
  const one = full.map((input, i) => (i === 700 ? { ...input, isRecalled: true } : input))
  assert.deepEqual(
    told(await record(ctx, one))
      .map((change, i) => (change === 'none' ? -1 : i))
      .filter((i) => i >= 0),
    [700],
  )
  assert.equal((await productEvents(ctx)).length, before + 1)
  await assert.rejects(record(ctx, [...full, product(clientId, 'one more')]), { code: 'too_large' })
})

test('an event carries the whole row and who asked; the log rebuilds the catalogue', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const input = product(clientId, 'A', {
    brand: 'Acme',
    priceMinor: 129_900,
    launchedOn: '2026-03-29',
    hasBattery: false,
  })
  const { id } = valueOf((await record(ctx, [input]))[0])
  await record(ctx, [{ ...input, priceMinor: null }])
  await ctx.db.transaction((tx) =>
    updateClient(ctx, tx, command({ clientId, ifVersion: 1, name: 'Acme Retail', returnWindowDays: 10 })),
  )
  const events = (await productEvents(ctx)).filter((event) => event.stream === `product-${id}`)
  assert.deepEqual(
    events.map((event) => [event.version, event.data['by'], event.data['requestId']]),
    [1, 2].map((version) => [version, { kind: 'system', id: 'test' }, 'request-1']),
  )
  assert.deepEqual(events[1]!.data['product'], await readProduct(ctx, { ...system, scopes: [] }, id))
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
  await ctx.db.query('update products set price_minor = 1 where id = $1', [id])
  assert.deepEqual(
    (await verifyReplay(ctx)).differences.map(({ table }) => table),
    ['products'],
  )
})

test('a category that is guessed says so, and never overwrites one that was told', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const guessed = product(clientId, 'A', { title: 'Cotton kurta, blue' })
  const category = (outcomes: readonly Outcome<ProductReceipt>[]) => {
    const { categoryId, isCategoryInferred } = valueOf(outcomes[0])
    return [categoryId, isCategoryInferred]
  }
  assert.deepEqual(category(await record(ctx, [guessed])), ['fashion.apparel.ethnic', true])
  assert.deepEqual(category(await record(ctx, [{ ...guessed, title: 'Leather sandals' }])), [
    'fashion.footwear.shoes',
    true,
  ])
  const toldOnce = { ...guessed, categoryId: 'home.decor.decor' }
  assert.deepEqual(category(await record(ctx, [toldOnce])), ['home.decor.decor', false])
  assert.deepEqual(category(await record(ctx, [guessed])), ['home.decor.decor', false])
  const plain = product(clientId, 'B', { title: 'Zyx 9000' })
  assert.deepEqual(category(await record(ctx, [plain])), ['other.general.general', true])
})

test('the tier of a brand is the one told, else mid, and unbranded without a brand', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const outcomes = await record(ctx, [
    product(clientId, 'A'),
    product(clientId, 'B', { brand: 'Acme' }),
    product(clientId, 'C', { brandTier: 'premium' }),
  ])
  const rows = await Promise.all(
    outcomes.map((outcome) => readProduct(ctx, { ...system, scopes: [] }, valueOf(outcome).id)),
  )
  assert.deepEqual(
    rows.map((row) => row.brandTier),
    ['unbranded', 'mid', 'premium'],
  )
})

test('batches that add the same products at once end in one row each, whatever their order', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const batch = Array.from({ length: 50 }, (_, i) => product(clientId, `S${i}`))
  const from = { actor: system, requestId: 'request-1' }
  // The first has written and not yet committed when the others begin.
  const { first, others } = await ctx.db.transaction(async (tx) => {
    const first = await recordProducts(ctx, tx, from, await inferCategories(ctx, batch))
    const others = Promise.all([batch.toReversed(), batch, batch.toReversed()].map((b) => record(ctx, b)))
    await setTimeout(100)
    return { first, others }
  })
  const ids = first.map((outcome) => valueOf(outcome).id).toSorted()
  for (const answer of await others) {
    assert.deepEqual([...new Set(told(answer))], ['none'])
    assert.deepEqual(answer.map((outcome) => valueOf(outcome).id).toSorted(), ids)
  }
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})

test("nobody touches another client's products, and who acts for several says for whom", async (t) => {
  const ctx = await openTestContext(t)
  const [own, other] = [await givenClient(ctx, 'own'), await givenClient(ctx, 'other')]
  const key = { kind: 'api_key', id: 'key00001', role: 'integration', hubIds: null, clientIds: [own] } as const
  const { clientId: _, ...unsaid } = product(own, 'A')
  const outcomes = await record(ctx, [product(other, 'A'), unsaid], key)
  assert.deepEqual(told(outcomes), ['client_unknown', 'created'])
  assert.deepEqual(told(await record(ctx, [unsaid], { ...key, clientIds: [own, other] })), ['client_missing'])
  const [theirs] = await record(ctx, [product(other, 'A')])
  await assert.rejects(readProduct(ctx, { ...key, scopes: [] }, valueOf(theirs).id), { problem: 'product_unknown' })
})

test('clients: of two with one code the second is refused; a change needs the version that was seen', async (t) => {
  const ctx = await openTestContext(t)
  const input = {
    code: 'acme',
    name: 'Acme',
    kind: 'live',
    currency: 'INR',
    returnWindowDays: 7,
    reviewAboveMinor: null,
  } as const
  const create = () => ctx.db.transaction((tx) => createClient(ctx, tx, command(input)))
  const made = await Promise.allSettled([create(), create(), create()])
  assert.equal(made.filter((one) => one.status === 'fulfilled').length, 1)
  for (const one of made) {
    if (one.status === 'rejected') assert.equal((one.reason as AppError).problem, 'client_code_taken')
  }
  const [row] = await ctx.db.query<{ id: string }>('select id from clients')
  const change = (name: string, actor = system) =>
    ctx.db.transaction((tx) =>
      updateClient(ctx, tx, command({ clientId: row!.id, ifVersion: 1, name, returnWindowDays: null }, { actor })),
    )
  await assert.rejects(change('x', { ...system, clientIds: [nowhere] }), { problem: 'client_unknown' })
  const both = await Promise.allSettled([change('one'), change('two')])
  const [won] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const [lost] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as AppError] : []))
  assert.deepEqual([won!.version, won!.returnWindowDays], [2, null])
  assert.deepEqual([lost!.problem, lost!.etag], ['version_stale', '"2"'])
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})
