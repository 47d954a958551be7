import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { importMappingSchema } from '#contracts/imports.ts'
import { productInputSchema } from '#contracts/products.ts'
import { importFile } from '#flows/import-returns.ts'
import { redecideUnsold } from '#flows/redecide-unsold.ts'
import { verifyReplay } from '#flows/replay.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import { openLinear } from '#integrations/text/linear.ts'
import type { Text } from '#integrations/text/port.ts'
import { readBodies } from '#services/recommendation/index.ts'
import { inferCategories, recordOrderLines, recordProducts } from '#services/returns/index.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { command, givenClient, givenHub, submission, system } from '../support/given.ts'
import { realFile, textSource } from '../support/import-files.ts'
import { givenChecked, valueOf } from '../support/lived.ts'

type Row = {
  readonly reasonCluster: string | null
  readonly isCategoryInferred: boolean
  readonly categoryId: string
  readonly recommendationId: string
}

async function rowsOf(ctx: TestContextOf, ids: readonly string[]): Promise<Row[]> {
  return ctx.db.query<Row>(
    `select r.reason_cluster as "reasonCluster", r.is_category_inferred as "isCategoryInferred", r.category_id as "categoryId",
       r.recommendation_id as "recommendationId"
     from unnest($1::uuid[]) with ordinality as q (id, n) join return_items r on r.id = q.id order by q.n`,
    [ids],
  )
}

async function clustersDecidedOn(ctx: TestContextOf, rows: readonly Row[]) {
  const bodies = await readBodies(
    ctx.db,
    rows.map(({ recommendationId }) => recommendationId),
  )
  return rows.map(({ recommendationId }) => bodies.get(recommendationId)?.basis?.item.reasonCluster ?? null)
}

test("a customer's words give the unit its cluster, by one call a batch; the words themselves stay sealed", async (t) => {
  const base = await openTestContext(t)
  const asked: (readonly string[])[] = []
  const text: Text = { ...base.text, reasonOf: (texts) => (asked.push(texts), base.text.reasonOf(texts)) }
  const ctx = { ...base, text }
  const clientId = await givenClient(ctx)
  await givenHub(ctx)
  const notes = ['Way too tight at the shoulders', undefined, 'chal nahi raha hai', 'ok', '   ', 'quietly zebra']
  const inputs = notes.map((note) => submission(clientId, note === undefined ? {} : { customer: { ref: 'c-1', note } }))
  const answers = await submitReturns(
    ctx,
    inputs.map((input) => command(input)),
  )
  const ids = answers.map((answer) => valueOf(answer).id)
  const wanted = ['fit', null, 'fault', null, null, null]
  assert.deepEqual(asked, [[notes[0], notes[2], notes[3], notes[5]]])

  const rows = await rowsOf(ctx, ids)
  assert.deepEqual(
    rows.map(({ reasonCluster }) => reasonCluster),
    wanted,
  )
  assert.deepEqual(await clustersDecidedOn(ctx, rows), wanted)
  const log = JSON.stringify((await ctx.events.read(0, 10_000)).map(({ data }) => data))
  assert.ok(!log.includes('shoulders') && !log.includes('zebra'))

  await submitReturns(
    ctx,
    inputs.map((input) => command(input)),
  )
  assert.equal(asked.length, 1, 'units that are known are not read again')
  assert.deepEqual(await submitReturns(ctx, []), [])
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})

test('the cluster is still known when the unit is checked', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const { id: hubId } = await givenHub(ctx)
  const [unit] = await givenChecked(ctx, { clientId, hubId }, [{ customer: { note: 'stitching came off' } }])
  const rows = await rowsOf(ctx, [unit!.id])
  assert.deepEqual(await clustersDecidedOn(ctx, rows), ['fault'])
  await redecideUnsold(ctx)
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})

test('trained models answer where a folder is set', async (t) => {
  const base = await openTestContext(t)
  const folder = join(import.meta.dirname, '..', 'fixtures', 'text-small')
  const categoryIds = base.reference.categories.keys()
  const ctx = { ...base, text: await openLinear({ folder, categoryIds, otherwise: base.text }) }
  const clientId = await givenClient(ctx)
  await givenHub(ctx)
  const input = submission(clientId, { customer: { note: 'delivery took a month' } })
  const [answer] = await submitReturns(ctx, [command(input)])
  assert.equal((await rowsOf(ctx, [valueOf(answer).id]))[0]!.reasonCluster, 'late')
})

test('a return says that its category is a guess of its product, until one is told', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  await givenHub(ctx)
  const record = async (sku: string, title: string, categoryId?: string) => {
    const input = { ...productInputSchema.parse({ sku, title, categoryId }), clientId }
    const ready = await inferCategories(ctx, [input])
    return ctx.db.transaction((tx) => recordProducts(ctx, tx, { actor: system, requestId: 'request-1' }, ready))
  }
  await record('A', 'Leather sandals')
  await record('B', 'Leather sandals', 'home.decor.decor')
  await recordOrderLines(
    ctx.db,
    clientId,
    [
      {
        lineRef: 'L-1',
        orderRef: 'O-1',
        sku: 'A',
        categoryId: 'toys.general.toy',
        quantity: 1,
        currency: 'INR',
        paidMinor: 1000,
        orderedAt: '2026-11-01T00:00:00.000Z',
        deliveredAt: null,
        shipPincode: null,
        shipState: null,
        saleChannel: null,
        outcome: 'unknown',
      },
    ],
    new Date(ctx.now()),
  )
  const marks = async (inputs: readonly object[]) => {
    const commands = inputs.map((input) => {
      const { categoryId: _, ...untold } = submission(clientId)
      return command({ ...untold, ...input })
    })
    const answers = await submitReturns(ctx, commands)
    const rows = await rowsOf(
      ctx,
      answers.map((answer) => valueOf(answer).id),
    )
    return rows.map(({ categoryId, isCategoryInferred }) => [categoryId, isCategoryInferred])
  }
  assert.deepEqual(
    await marks([
      { sku: 'A' },
      { sku: 'B' },
      { sku: 'A', categoryId: 'books.general.book' },
      { sku: 'A', orderLineRef: 'L-1' },
    ]),
    [
      ['fashion.footwear.shoes', true],
      ['home.decor.decor', false],
      ['books.general.book', false],
      ['toys.general.toy', false],
    ],
  )
  await record('A', 'Leather sandals', 'fashion.footwear.shoes')
  assert.deepEqual(await marks([{ sku: 'A' }]), [['fashion.footwear.shoes', false]])
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})

const namesOnly = importMappingSchema.parse({
  name: 'names-only',
  version: 1,
  kind: 'products',
  locale: 'en-IN',
  currency: 'INR',
  columns: { sku: { from: ['uniq_id'] }, title: { from: ['product_name'] } },
})

test('a catalogue without categories is inferred from its titles, and every product says so', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const made = ['uniq_id,product_name', 'm-1,Blue cotton kurta', 'm-2,Zyx 9000', 'm-3,Silicone case for mobile phone']
  const real = realFile(t, 'flipkart_catalog/names_categories_train.csv.gz')
  for (const file of [textSource(`${made.join('\n')}\n`), ...(real === null ? [] : [real])]) {
    const report = await importFile(ctx, file, { clientId, actor: system, mapping: namesOnly })
    const [found] = await ctx.db.query<{ products: number; inferred: number; marked: number }>(
      `select count(*) as products, count(*) filter (where category_id <> 'other.general.general') as inferred,
         count(*) filter (where is_category_inferred) as marked from products`,
    )
    const { products, inferred, marked } = found!
    t.diagnostic(
      `${file.name}: ${inferred} of ${products} products got a category of their title, ${marked} are marked`,
    )
    assert.equal(report.state, 'done')
    assert.ok(inferred > 0.6 * products)
    assert.equal(marked, products)
  }
  assert.deepEqual((await verifyReplay(ctx)).differences, [])
})
