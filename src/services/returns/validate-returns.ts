import { byOf } from '#contracts/events.ts'
import { createHash } from 'node:crypto'
import type { Command, SubmitInput } from '#contracts/commands.ts'
import type { Intake } from '#contracts/intake.ts'
import type { Category } from '#contracts/reference.ts'
import { customerPlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { newLpn, newRmaNumber, uuidv7 } from '#kernel/ids.ts'
import { accept, reject, type Outcome } from '#kernel/outcome.ts'
import type { SealRequest } from '#platform/secrets/port.ts'
import { acceptanceOf, judgeEligibility } from './eligibility.ts'
import { unknownCategory } from './catalog/infer-categories.ts'
import { hubNeeds } from './needs.ts'
import { readReasons } from './read-reasons.ts'
import { readFacts, type Facts, type FactsRequest } from './facts-store.ts'

/** Above this a person must look unless the client set its own limit: ₹1,00,000. */
const defaultReviewAboveMinor = 10_000_000
/** A clock that runs ahead of ours by a few minutes is no lie. */
const clockSkewMs = 10 * 60_000

type Scoped = { readonly command: Command<SubmitInput>; readonly clientId: string }

/**
 * Turns requests into units ready for a decision: loads all facts by one query, runs the eligibility rules, reads what
 * the customers' words are about, seals personal data. A request that can't be recorded at all is refused; what policy refuses or a person must judge is
 * a finding on the unit.
 */
export async function validateReturns(
  ctx: Pick<Context, 'db' | 'secrets' | 'text' | 'reference' | 'now'>,
  commands: readonly Command<SubmitInput>[],
): Promise<Outcome<Intake>[]> {
  const scoped = commands.map(scope)
  const requests: FactsRequest[] = []
  for (const outcome of scoped) if (outcome.ok) requests.push(factsRequest(outcome.value))
  const facts = requests.length === 0 ? [] : await readFacts(ctx.db, requests)
  let next = 0
  const judged = scoped.map((outcome) => (outcome.ok ? judge(ctx, outcome.value, facts[next++]!) : outcome))
  const distinct = refuseRepeatsInBatch(judged)
  const read = await readReasons(
    ctx,
    scoped.map((outcome) => (outcome.ok ? outcome.value.command.input.customer?.note : undefined)),
    distinct,
  )
  return sealCustomers(ctx, scoped, read)
}

function scope(command: Command<SubmitInput>): Outcome<Scoped> {
  const { actor, input } = command
  const clientId = input.clientId ?? (actor.clientIds?.length === 1 ? actor.clientIds[0] : undefined)
  if (clientId === undefined) {
    return reject('invalid', 'client_missing', 'say whose unit it is in clientId', [
      { pointer: '/clientId', code: 'required', detail: 'needed because you may act for several clients' },
    ])
  }
  if (actor.clientIds !== null && !actor.clientIds.includes(clientId)) {
    return reject('not_found', 'client_unknown', `no such client: ${clientId}`)
  }
  return accept({ command, clientId })
}

function factsRequest({ command, clientId }: Scoped): FactsRequest {
  const { input } = command
  return {
    clientId,
    clientRef: input.clientRef,
    sku: input.sku ?? null,
    orderLineRef: input.orderLineRef ?? null,
    serialNumber: input.serialNumber ?? null,
  }
}

function milliseconds(time: string | null | undefined): number | null {
  return time === null || time === undefined ? null : Date.parse(time)
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

function judge(ctx: Pick<Context, 'reference' | 'now'>, { command, clientId }: Scoped, facts: Facts): Outcome<Intake> {
  const { input } = command
  if (facts.clientIsActive === null) return reject('not_found', 'client_unknown', `no such client: ${clientId}`)
  if (!facts.clientIsActive) return reject('conflict', 'client_inactive', 'the client is switched off')
  const currency = input.price?.currency ?? facts.lineCurrency ?? facts.productCurrency ?? facts.clientCurrency!
  if (input.mrp !== undefined && input.mrp.currency !== currency) {
    return reject('invalid', 'currency_mixed', `price in ${currency}, mrp in ${input.mrp.currency}`, [
      { pointer: '/mrp/currency', code: 'currency_mixed', detail: `must be ${currency} like the price` },
    ])
  }
  const nowMs = ctx.now()
  const requestedAtMs = milliseconds(input.requestedAt) ?? nowMs
  const orderedAtMs = milliseconds(input.orderedAt) ?? facts.lineOrderedAt?.getTime() ?? null
  const deliveredAtMs = milliseconds(input.deliveredAt) ?? facts.lineDeliveredAt?.getTime() ?? null
  const wrongTime = timesThatCannotBe(nowMs, requestedAtMs, orderedAtMs, deliveredAtMs)
  if (wrongTime !== null) return wrongTime
  const { category, isInferred } = categoryOf(ctx, input, facts)
  if (category === null) {
    return reject('invalid', 'category_unknown', `no such category: ${input.categoryId}`, [
      { pointer: '/categoryId', code: 'category_unknown', detail: `no such category: ${input.categoryId}` },
    ])
  }
  const sameCurrency = (productMinor: number | null) => (facts.productCurrency === currency ? productMinor : null)
  const priceMinor = input.price?.amount ?? facts.linePaidMinor ?? sameCurrency(facts.productPriceMinor)
  const mrpMinor = input.mrp?.amount ?? sameCurrency(facts.productMrpMinor)
  const isHazmat = facts.productIsHazmat ?? false
  const findings = judgeEligibility({
    nowMs,
    requestedAtMs,
    orderedAtMs,
    deliveredAtMs,
    returnType: input.returnType,
    reasonCode: input.reasonCode,
    windowDays: facts.productWindowDays ?? facts.clientWindowDays ?? category.returnWindowDays,
    isCategoryReturnable: category.isReturnable,
    isProductReturnable: facts.productIsReturnable ?? true,
    isProductKnown: facts.productId !== null,
    hasSku: input.sku !== undefined,
    isCategoryKnown: category.id !== unknownCategory,
    isHazmat,
    isRecalled: facts.productIsRecalled ?? input.reasonCode === 'recall',
    priceMinor,
    mrpMinor,
    reviewAboveMinor: facts.clientReviewAboveMinor ?? defaultReviewAboveMinor,
    isOpened: input.isOpened ?? null,
    hygiene: category.hygiene,
    quantityBought: facts.lineQuantity === 0 ? null : facts.lineQuantity,
    unitsReturnedBefore: facts.unitsReturnedBefore,
    isSerialReturnedBefore: facts.isSerialReturnedBefore,
  })
  const weightKg = facts.productWeightGrams === null ? null : facts.productWeightGrams / 1000
  const volumeLitres = facts.productVolumeMl === null ? null : facts.productVolumeMl / 1000
  const product = {
    brandTier: facts.productBrandTier ?? 'mid',
    weightKg,
    volumeLitres,
    launchedAtMs: facts.productLaunchedOn === null ? null : Date.parse(facts.productLaunchedOn),
    isRecalled: facts.productIsRecalled ?? false,
    isHazmat,
    hasBattery: facts.productHasBattery,
    isDataBearing: facts.productIsDataBearing,
    hasBrandRestriction: facts.productHasBrandRestriction ?? false,
    isVendorReturnable: facts.productIsVendorReturnable ?? false,
  }
  return accept({
    by: byOf(command.actor),
    requestId: command.requestId,
    known: facts.knownId === null ? null : { id: facts.knownId },
    id: uuidv7(nowMs),
    source: input.source,
    clientId,
    clientRef: input.clientRef,
    rmaNumber: input.rmaNumber ?? newRmaNumber(),
    lpn: newLpn(),
    productId: facts.productId,
    sku: input.sku ?? null,
    title: input.title ?? facts.productTitle ?? (input.sku === undefined ? category.name : `SKU ${input.sku}`),
    categoryId: category.id,
    isCategoryInferred: isInferred,
    currency,
    priceMinor,
    mrpMinor,
    costMinor: sameCurrency(facts.productCostMinor),
    orderRef: input.orderRef ?? facts.lineOrderRef,
    orderLineRef: input.orderLineRef ?? null,
    orderedAt: iso(orderedAtMs),
    deliveredAt: iso(deliveredAtMs),
    requestedAt: new Date(requestedAtMs).toISOString(),
    returnType: input.returnType,
    reasonCode: input.reasonCode,
    reasonCluster: null,
    saleChannel: input.saleChannel ?? facts.lineSaleChannel,
    pickupPincode: input.pickupPincode ?? facts.linePincode,
    isOpened: input.isOpened ?? null,
    parcelId: input.awb === undefined ? null : parcelIdOf(clientId, input.awb),
    awb: input.awb ?? null,
    serialNumber: input.serialNumber ?? null,
    personId: null,
    customerSealed: null,
    acceptance: acceptanceOf(findings),
    findings,
    product,
    needs: hubNeeds(category, product),
    weightKg: weightKg ?? category.weightKg,
    volumeLitres: volumeLitres ?? category.volumeLitres,
    processingMinutes: category.processingMinutes,
  })
}

function timesThatCannotBe(
  nowMs: number,
  requestedAtMs: number,
  orderedAtMs: number | null,
  deliveredAtMs: number | null,
): Outcome<never> | null {
  const late = nowMs + clockSkewMs
  const wrong = (pointer: string, detail: string) =>
    reject('invalid', 'time_impossible', detail, [{ pointer, code: 'time_impossible', detail }])
  if (requestedAtMs > late) return wrong('/requestedAt', 'requestedAt lies in the future')
  if (orderedAtMs !== null && orderedAtMs > late) return wrong('/orderedAt', 'orderedAt lies in the future')
  if (deliveredAtMs !== null && deliveredAtMs > late) return wrong('/deliveredAt', 'deliveredAt lies in the future')
  if (orderedAtMs !== null && deliveredAtMs !== null && deliveredAtMs < orderedAtMs) {
    return wrong('/deliveredAt', 'deliveredAt lies before orderedAt')
  }
  return null
}

type CategoryFound = { readonly category: Category | null; readonly isInferred: boolean }

/** What was told counts before what was worked out from a title: the request, the product, the order line, the guess. */
function categoryOf(ctx: Pick<Context, 'reference'>, input: SubmitInput, facts: Facts): CategoryFound {
  const { categories } = ctx.reference
  if (input.categoryId !== undefined) return { category: categories.get(input.categoryId) ?? null, isInferred: false }
  const isGuess = facts.productIsCategoryInferred === true
  const told = (isGuess ? null : facts.productCategoryId) ?? facts.lineCategoryId
  const id = told ?? facts.productCategoryId ?? unknownCategory
  return { category: categories.get(id) ?? categories.get(unknownCategory)!, isInferred: told === null && isGuess }
}

/** The same parcel named by two units, in one batch or in two, gets the same id without asking the database. */
function parcelIdOf(clientId: string, awb: string): string {
  const h = createHash('sha256').update(`parcel|${clientId}|${awb}`).digest()
  h[6] = (h[6]! & 0x0f) | 0x80
  h[8] = (h[8]! & 0x3f) | 0x80
  const s = h.toString('hex')
  return `${s.slice(0, 8)}-${s.slice(8, 12)}-${s.slice(12, 16)}-${s.slice(16, 20)}-${s.slice(20, 32)}`
}

/** Two requests of one batch with one client reference: the first is taken, the second told so. */
function refuseRepeatsInBatch(outcomes: readonly Outcome<Intake>[]): Outcome<Intake>[] {
  const seen = new Set<string>()
  return outcomes.map((outcome) => {
    if (!outcome.ok || outcome.value.known !== null) return outcome
    const key = `${outcome.value.clientId}|${outcome.value.clientRef}`
    if (seen.has(key))
      return reject('conflict', 'client_ref_repeated', `clientRef ${outcome.value.clientRef} comes twice in this batch`)
    seen.add(key)
    return outcome
  })
}

async function sealCustomers(
  ctx: Pick<Context, 'secrets'>,
  scoped: readonly Outcome<Scoped>[],
  outcomes: readonly Outcome<Intake>[],
): Promise<Outcome<Intake>[]> {
  const requests: (SealRequest & { readonly index: number })[] = []
  outcomes.forEach((outcome, index) => {
    const from = scoped[index]!
    if (!outcome.ok || !from.ok || outcome.value.known !== null) return
    const { customer } = from.value.command.input
    if (customer === undefined || Object.keys(customer).length === 0) return
    const { id, clientId, clientRef } = outcome.value
    const personId = ctx.secrets.personId(clientId, customer.ref ?? customer.email ?? customer.phone ?? clientRef)
    requests.push({ index, personId, clientId, plain: JSON.stringify(customer), place: customerPlace(id) })
  })
  if (requests.length === 0) return [...outcomes]
  const sealed = await ctx.secrets.seal(requests)
  const out = [...outcomes]
  requests.forEach((request, i) => {
    const outcome = out[request.index]!
    if (outcome.ok)
      out[request.index] = accept({ ...outcome.value, personId: request.personId, customerSealed: sealed[i]! })
  })
  return out
}
