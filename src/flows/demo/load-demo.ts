import { readFile } from 'node:fs/promises'
import type { Answer } from '#contracts/commands.ts'
import type { ReturnReceipt } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { randomFrom } from '#kernel/random.ts'
import { createHub, readDemoHubIds, updateHub, viewHubs } from '#services/hubs/index.ts'
import { createClient, readClientByCode, recordProducts } from '#services/returns/index.ts'
import { submitReturns } from '../submit-returns.ts'
import { demoActor, demoCommand } from './demo-command.ts'
import { demoWorldSchema, planReturns, type DemoWorld, type PlannedReturn } from './demo-plan.ts'
import { carryOn, type DemoUnit } from './demo-steps.ts'

export type DemoOptions = { readonly returns: number; readonly seed: number; readonly endMs: number }
export type DemoReport = {
  readonly returns: number
  readonly hubs: number
  readonly clientId: string
  readonly hubIds: readonly string[]
}

/** Steps that fall into the same stretch of time go as one batch. */
const slotMs = 4 * 3_600_000
const firstReturns = 300

/** A hub at 96 % is in trouble, and still takes a few units. */
const nearlyFull = 0.96

const worldFile = new URL('../../../data/demo/world.json', import.meta.url)

/**
 * Makes demo data by the real commands, with the clock set back, so that events, audit, money and carbon come out of
 * them as they would. The newest few hundred returns come first, so that there is something to look at; `signal` ends
 * the rest early.
 */
export async function loadDemo(
  ctx: Context,
  options: DemoOptions,
  progress: (done: number, total: number) => void,
  signal: { readonly isStopped: boolean } = { isStopped: false },
): Promise<DemoReport> {
  const world = demoWorldSchema.parse(JSON.parse(await readFile(worldFile, 'utf8')))
  const random = randomFrom(options.seed)
  const clock = { ms: options.endMs - 91 * 86_400_000 }
  const then: Context = { ...ctx, now: () => clock.ms }
  const base = await ensureWorld(then, world)
  const plan = planReturns(world, options.returns, options.endMs, random)
  const newest = plan.slice(-firstReturns)
  const older = plan.slice(0, -firstReturns)
  let done = 0
  for (const part of [newest, older]) {
    done = await play(
      then,
      clock,
      world,
      base.clientId,
      part,
      options.endMs,
      random,
      (n) => progress(done + n, plan.length),
      signal,
    ).then((n) => done + n)
  }
  if (!signal.isStopped) await narrowHub(then, world, base.hubIds)
  return { returns: done, hubs: base.hubIds.length, clientId: base.clientId, hubIds: base.hubIds }
}

/** Client, hubs and products of the demo, without returns. */
export async function ensureDemoWorld(
  ctx: Context,
): Promise<{ readonly clientId: string; readonly hubIds: readonly string[] }> {
  return ensureWorld(ctx, demoWorldSchema.parse(JSON.parse(await readFile(worldFile, 'utf8'))))
}

async function ensureWorld(ctx: Context, world: DemoWorld): Promise<{ clientId: string; hubIds: string[] }> {
  const known = await readClientByCode(ctx.db, world.client.code)
  if (known !== null) {
    const rows = await ctx.db.transaction((tx) => readDemoHubIds(tx))
    return { clientId: known.id, hubIds: rows }
  }
  return ctx.db.transaction(async (tx) => {
    const client = await createClient(
      ctx,
      tx,
      demoCommand({ ...world.client, kind: 'demo' as const, returnWindowDays: null, reviewAboveMinor: null }),
    )
    const hubIds: string[] = []
    for (const hub of world.hubs) {
      const input = {
        code: hub.code,
        name: hub.name,
        pincode: hub.pincode,
        timezone: 'Asia/Kolkata',
        capacity: hub.places,
        minutesPerDay: 7200,
        capabilities: [
          'battery',
          'data_wipe',
          'refurbish',
          'e_waste',
          'textile',
          'large_items',
          'food',
          'hazmat',
        ] as const,
        clientIds: [client.id],
      }
      hubIds.push((await createHub(ctx, tx, demoCommand({ ...input, capabilities: [...input.capabilities] }), true)).id)
    }
    const products = world.products.map((product) => ({
      clientId: client.id,
      sku: product.sku,
      title: product.title,
      categoryId: product.categoryId,
      titleCategoryId: null,
      brand: product.brand,
      brandTier: product.tier,
      currency: world.client.currency,
      mrpMinor: product.mrp * 100,
      priceMinor: product.price * 100,
      costMinor: Math.round(product.price * 62),
      weightGrams: null,
      volumeMl: null,
      launchedOn: null,
      ean: null,
      isRecalled: false,
      isHazmat: false,
      hasBattery: null,
      isDataBearing: null,
      hasBrandRestriction: false,
      isVendorReturnable: product.brand === 'Dipa',
      isReturnable: true,
      returnWindowDays: 30,
    }))
    await recordProducts(ctx, tx, { actor: demoActor, requestId: 'demo' }, products)
    return { clientId: client.id, hubIds }
  })
}

/** Lowers one hub's limit to little more than it holds, as a manager does who lost a part of the floor. */
async function narrowHub(ctx: Context, world: DemoWorld, hubIds: readonly string[]): Promise<void> {
  const hub = (await viewHubs(ctx)).hubs.find(({ id, code }) => code === world.nearlyFullHub && hubIds.includes(id))
  if (hub === undefined || hub.usedCapacity === 0) return
  const capacity = Math.floor(hub.usedCapacity / nearlyFull)
  await ctx.db.transaction((tx) => updateHub(ctx, tx, demoCommand({ hubId: hub.id, ifVersion: null, capacity })))
}

/** Plays one part of the plan, slot by slot; answers how many returns were submitted. */
async function play(
  ctx: Context,
  clock: { ms: number },
  world: DemoWorld,
  clientId: string,
  part: readonly PlannedReturn[],
  endMs: number,
  random: () => number,
  progress: (done: number) => void,
  signal: { readonly isStopped: boolean },
): Promise<number> {
  let open: DemoUnit[] = []
  let next = 0
  const firstMs = part[0]?.submitMs ?? endMs
  for (let slot = firstMs; slot <= endMs + slotMs && !signal.isStopped; slot += slotMs) {
    clock.ms = Math.min(slot, endMs)
    const batch: PlannedReturn[] = []
    while (next < part.length && part[next]!.submitMs <= slot && batch.length < 250) batch.push(part[next++]!)
    if (batch.length > 0) {
      const answers = await submitReturns(
        ctx,
        batch.map((planned) => demoCommand(requestOf(world, clientId, planned))),
      )
      open.push(...batch.flatMap((planned, i) => unitOf(planned, answers[i]!)))
    }
    open = await carryOn(ctx, open, clock.ms, random)
    progress(next)
  }
  return next
}

function unitOf(
  planned: PlannedReturn,
  answer: Answer<Pick<ReturnReceipt, 'id' | 'stage' | 'acceptance' | 'hub'>>,
): DemoUnit[] {
  if (!answer.outcome.ok || answer.outcome.value.stage !== 'hub_assigned' || answer.outcome.value.hub === null)
    return []
  return [
    {
      planned,
      returnId: answer.outcome.value.id,
      hubId: answer.outcome.value.hub.id,
      step: answer.outcome.value.acceptance === 'manual_review' ? 'review' : 'receive',
      dispositionId: null,
      expectedMinor: null,
    },
  ]
}

function requestOf(world: DemoWorld, clientId: string, planned: PlannedReturn) {
  const product = world.products[planned.productIndex]!
  const at = (ms: number) => new Date(ms).toISOString()
  return {
    clientId,
    clientRef: planned.ref,
    ...(planned.oddity === 'unknown_sku'
      ? { sku: `${product.sku}-B`, title: product.title, categoryId: product.categoryId }
      : { sku: product.sku }),
    // The price of a bundle on one of its units.
    ...(planned.oddity === 'price_above_mrp' && {
      price: { amount: product.mrp * 170, currency: world.client.currency },
    }),
    orderRef: `OD-${planned.ref.slice(5)}`,
    orderedAt: at(planned.submitMs - 9 * 86_400_000),
    ...(planned.isRto ? {} : { deliveredAt: at(planned.submitMs - 5 * 86_400_000) }),
    requestedAt: at(planned.submitMs),
    returnType: planned.isRto ? ('rto' as const) : ('customer_return' as const),
    reasonCode: planned.reason,
    saleChannel: ['own_site', 'amazon_in', 'flipkart'][planned.productIndex % 3]!,
    pickupPincode: planned.oddity === 'mistyped_pincode' ? world.mistypedPincode : planned.city,
    isOpened: planned.isOpened,
    awb: `DM${planned.ref.slice(5)}9`,
    source: 'demo' as const,
  }
}

export { resetDemo, resetRequestId } from './reset-demo.ts'
