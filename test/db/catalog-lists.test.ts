import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListPage, ListQuery } from '#contracts/lists.ts'
import { productInputSchema, type ProductInput } from '#contracts/products.ts'
import type { Actor } from '#context.ts'
import { inferCategories, listClients, listProducts, readClient, recordProducts } from '#services/returns/index.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { givenClient } from '../support/given.ts'

const everyone: Actor = { kind: 'system', id: 'test', role: 'system', hubIds: null, clientIds: null, scopes: [] }
const only = (...clientIds: string[]): Actor => ({ ...everyone, clientIds })
const first: ListQuery = { filters: [], sort: [], limit: 50, after: null, total: 'none' }

function product(clientId: string, sku: string, input: Partial<ProductInput> = {}): ProductInput {
  return { ...productInputSchema.parse({ sku, title: 'Steel pan' }), clientId, ...input }
}

async function record(ctx: TestContextOf, inputs: readonly ProductInput[], actor = everyone) {
  const ready = await inferCategories(ctx, inputs)
  return ctx.db.transaction((tx) => recordProducts(ctx, tx, { actor, requestId: 'request-1' }, ready))
}

async function allPages<T>(read: (after: ListQuery['after']) => Promise<ListPage<T>>): Promise<T[]> {
  const rows: T[] = []
  let after: ListQuery['after'] = null
  do {
    const { data, next } = await read(after)
    rows.push(...data)
    after = next
  } while (after !== null)
  return rows
}

test('lists of products: every one once in each order, one client apart from the other, counted when asked', async (t) => {
  const ctx = await openTestContext(t)
  const [own, other] = [await givenClient(ctx, 'own'), await givenClient(ctx, 'other')]
  const made = Array.from({ length: 60 }, (_, i) => product(own, `S${i % 2 === 0 ? i : 1000 - i}`))
  // All of a batch change in one instant: only the id tells them apart.
  await record(ctx, made.slice(0, 40))
  ctx.clock.ms += 1000
  await record(ctx, [...made.slice(40), product(other, 'S0')])

  for (const field of ['updatedAt', 'sku']) {
    for (const direction of ['asc', 'desc'] as const) {
      const rows = await allPages((after) =>
        listProducts(ctx, only(own), { ...first, limit: 7, after, sort: [{ field, direction }] }),
      )
      assert.equal(rows.length, 60)
      assert.equal(new Set(rows.map((row) => row.id)).size, 60)
      assert.ok(rows.every((row) => row.clientId === own))
    }
  }
  const newest = await listProducts(ctx, everyone, { ...first, limit: 21 })
  assert.ok(newest.data.every((row) => made.slice(0, 40).every(({ sku }) => row.sku !== sku || row.clientId === other)))
  assert.equal(newest.total, undefined)

  const counted = async (actor: Actor, query: Partial<ListQuery>) =>
    (await listProducts(ctx, actor, { ...first, limit: 1, total: 'exact', ...query })).total
  const filters = [{ field: 'sku', operator: 'in' as const, values: ['S0', 'S2'] }]
  assert.deepEqual([await counted(everyone, {}), await counted(only(own), {}), await counted(only(), {})], [61, 60, 0])
  assert.deepEqual([await counted(everyone, { filters }), await counted(only(own), { filters })], [3, 2])
  const second = await listProducts(ctx, only(own), { ...first, limit: 7 })
  assert.equal(await counted(only(own), { after: second.next }), 60, 'the count is of the list, not of what is left')
  assert.ok(Number.isInteger(await counted(everyone, { total: 'estimate' })))
})

test('lists of clients: those that the actor may see, by code', async (t) => {
  const ctx = await openTestContext(t)
  const ids = await Promise.all(['zeta', 'alpha', 'mid'].map((code) => givenClient(ctx, code)))
  const codes = async (actor: Actor) => (await listClients(ctx, actor, first)).data.map((client) => client.code)
  assert.deepEqual(await codes(everyone), ['alpha', 'mid', 'zeta'])
  assert.deepEqual(await codes(only(ids[0]!, ids[2]!)), ['mid', 'zeta'])
  assert.deepEqual(await codes(only()), [])
  const paged = await allPages((after) => listClients(ctx, everyone, { ...first, limit: 1, after }))
  assert.deepEqual(
    paged.map((client) => client.code),
    ['alpha', 'mid', 'zeta'],
  )
  assert.equal((await listClients(ctx, only(ids[1]!), { ...first, total: 'exact' })).total, 1)
  await assert.rejects(readClient(ctx, only(ids[1]!), ids[0]!), { code: 'not_found' })
})

test('a product with several faults is told all of them, and hinders no other', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const { clientId: _, ...unsaid } = product(clientId, 'NOBODY', { categoryId: 'no.such.category' })
  const outcomes = await record(ctx, [
    product(clientId, 'A', { categoryId: 'no.such.category', currency: 'XQZ' }),
    unsaid,
    product(clientId, 'B', { currency: 'USD' }),
  ])
  assert.deepEqual(
    outcomes.map((o) => (o.ok ? o.value.change : [o.rejection.code, o.rejection.errors?.map((e) => e.pointer)])),
    [['category_unknown', ['/categoryId', '/currency']], ['client_missing', ['/clientId', '/categoryId']], 'created'],
  )
})
