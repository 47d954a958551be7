import type { Client } from '#contracts/clients.ts'
import type { ListFields, ListPage, ListQuery } from '#contracts/lists.ts'
import type { Product } from '#contracts/products.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { readClientPage, readClientRow, readProductPage, readProductRow } from './store.ts'

export const productListFields: ListFields = {
  id: { kind: 'id', isSortable: false },
  clientId: { kind: 'id', isSortable: false },
  sku: { kind: 'code', isSortable: true },
  title: { kind: 'text', isSortable: false },
  categoryId: { kind: 'code', isSortable: false },
  isCategoryInferred: { kind: 'boolean', isSortable: false },
  brand: { kind: 'text', isSortable: false },
  ean: { kind: 'code', isSortable: false },
  updatedAt: { kind: 'time', isSortable: true },
}
export const clientListFields: ListFields = {
  id: { kind: 'id', isSortable: false },
  code: { kind: 'code', isSortable: true },
  name: { kind: 'text', isSortable: false },
  kind: { kind: 'code', isSortable: false, values: ['live', 'sandbox', 'demo'] },
  isActive: { kind: 'boolean', isSortable: false },
}

export function listProducts(ctx: Pick<Context, 'db'>, actor: Actor, query: ListQuery): Promise<ListPage<Product>> {
  return readProductPage(ctx.db, actor.clientIds, query)
}

export function listClients(ctx: Pick<Context, 'db'>, actor: Actor, query: ListQuery): Promise<ListPage<Client>> {
  return readClientPage(ctx.db, actor.clientIds, query)
}

/** One product; another client's is not found. */
export async function readProduct(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<Product> {
  const product = await readProductRow(ctx.db, id)
  if (product === null || (actor.clientIds !== null && !actor.clientIds.includes(product.clientId))) {
    throw new AppError('not_found', `no such product: ${id}`, { problem: 'product_unknown' })
  }
  return product
}

export async function readClient(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<Client> {
  const client =
    actor.clientIds !== null && !actor.clientIds.includes(id) ? null : await readClientRow(ctx.db, id, false)
  if (client === null) throw new AppError('not_found', `no such client: ${id}`, { problem: 'client_unknown' })
  return client
}
