import { byOf } from '#contracts/events.ts'
import type { CommandActor } from '#contracts/commands.ts'
import type { Product, ProductReceipt } from '#contracts/products.ts'
import type { Context } from '#context.ts'
import { AppError, type FieldError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, advance, reject, type Outcome } from '#kernel/outcome.ts'
import type { Transaction } from '#platform/db/port.ts'
import { unknownCategory, type ProductToRecord } from './infer-categories.ts'
import { lockClients, lockProducts, writeProducts } from './store.ts'

const productsMax = 1000

type From = { readonly actor: CommandActor; readonly requestId: string }
type Placed = {
  readonly input: ProductToRecord
  readonly clientId: string
  readonly categoryId: string
  readonly isInferred: boolean
}

/**
 * Adds or changes products by SKU, up to 1,000 at once, within the caller's transaction: one read, one write, one event
 * for each that really changed. An absent category is what the title told and marked as such; one that was told is not
 * overwritten by a guess, and takes the mark away.
 */
export async function recordProducts(
  ctx: Pick<Context, 'events' | 'now' | 'reference'>,
  tx: Transaction,
  from: From,
  inputs: readonly ProductToRecord[],
): Promise<Outcome<ProductReceipt>[]> {
  if (inputs.length > productsMax)
    throw new AppError('too_large', `at most ${productsMax} products at once, got ${inputs.length}`)
  const placed = await refuseUnknown(tx, refuseRepeats(inputs.map((input) => place(ctx, from.actor, input))))
  return advance(placed, async (items) => {
    const known = await lockProducts(
      tx,
      items.map((item) => ({ clientId: item.clientId, sku: item.input.sku })),
    )
    const nowMs = ctx.now()
    const at = new Date(nowMs)
    const drafted = items.map((item) => draft(item, known.get(`${item.clientId}|${item.input.sku}`) ?? null, nowMs))
    const changed = drafted.filter((d) => d.change !== 'none').map((d) => d.product)
    await writeProducts(tx, changed)
    const meta = { by: byOf(from.actor), requestId: from.requestId }
    await ctx.events.append(
      tx,
      changed.map((product) => ({
        stream: `product-${product.id}`,
        version: product.version,
        type: 'ProductRecorded',
        data: { ...meta, product },
      })),
      at,
    )
    return drafted.map(({ product, change }) =>
      accept({
        id: product.id,
        sku: product.sku,
        categoryId: product.categoryId,
        isCategoryInferred: product.isCategoryInferred,
        version: product.version,
        change,
      }),
    )
  })
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

function place(ctx: Pick<Context, 'reference'>, actor: CommandActor, input: ProductToRecord): Outcome<Placed> {
  const clientId = input.clientId ?? (actor.clientIds?.length === 1 ? actor.clientIds[0] : undefined)
  const categoryId = input.categoryId ?? input.titleCategoryId ?? unknownCategory
  const errors: FieldError[] = []
  const say = (pointer: string, code: string, detail: string) => errors.push({ pointer, code, detail })
  if (clientId === undefined) say('/clientId', 'client_missing', 'say whose product it is in clientId')
  if (!ctx.reference.categories.has(categoryId)) {
    say('/categoryId', 'category_unknown', `no such category: ${categoryId}`)
  }
  if (!currencies.has(input.currency)) say('/currency', 'currency_unknown', `no such currency: ${input.currency}`)
  const [first] = errors
  if (first !== undefined) return reject('invalid', first.code, errors.map((e) => e.detail).join('; '), errors)
  // The first check has made sure that it is there.
  const owner = clientId!
  if (actor.clientIds !== null && !actor.clientIds.includes(owner)) return noSuchClient(owner)
  return accept({ input, clientId: owner, categoryId, isInferred: input.categoryId === undefined })
}

function noSuchClient(clientId: string): Outcome<never> {
  return reject('not_found', 'client_unknown', `no such client: ${clientId}`)
}

function refuseUnknown(tx: Transaction, outcomes: readonly Outcome<Placed>[]): Promise<Outcome<Placed>[]> {
  return advance(outcomes, async (items) => {
    const known = await lockClients(
      tx,
      items.map((item) => item.clientId),
    )
    return items.map((item) => (known.has(item.clientId) ? accept(item) : noSuchClient(item.clientId)))
  })
}

function refuseRepeats(outcomes: readonly Outcome<Placed>[]): Outcome<Placed>[] {
  const seen = new Set<string>()
  return outcomes.map((outcome) => {
    if (!outcome.ok) return outcome
    const key = `${outcome.value.clientId}|${outcome.value.input.sku}`
    if (seen.has(key))
      return reject('conflict', 'sku_repeated', `SKU ${outcome.value.input.sku} comes twice in this batch`)
    seen.add(key)
    return outcome
  })
}

/** Without a word from the client the tier is `mid`, and `unbranded` where there is no brand. */
function tierOf(input: ProductToRecord): Product['brandTier'] {
  return input.brandTier ?? (input.brand === null ? 'unbranded' : 'mid')
}

function draft(
  item: Placed,
  before: Product | null,
  nowMs: number,
): { product: Product; change: ProductReceipt['change'] } {
  const { clientId: _, titleCategoryId: __, ...input } = item.input
  const keepsCategory = item.isInferred && before !== null && !before.isCategoryInferred
  const at = new Date(nowMs).toISOString()
  const product: Product = {
    ...input,
    id: before?.id ?? uuidv7(nowMs),
    clientId: item.clientId,
    categoryId: keepsCategory ? before.categoryId : item.categoryId,
    isCategoryInferred: item.isInferred && !keepsCategory,
    brandTier: tierOf(item.input),
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  }
  if (before === null) return { product, change: 'created' }
  const isSame = (Object.keys(product) as (keyof Product)[]).every(
    (key) => key === 'version' || key === 'updatedAt' || product[key] === before[key],
  )
  return isSame ? { product: before, change: 'none' } : { product, change: 'updated' }
}
