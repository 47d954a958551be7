import type { ReturnEvent, ReturnEventData } from '#contracts/events.ts'
import type { ListFields, ListPage, ListQuery } from '#contracts/lists.ts'
import { unpackRecommendation } from '#contracts/packed-recommendation.ts'
import type { LedgerTransaction } from '#contracts/ledger.ts'
import { personViewOf } from '#contracts/person-view.ts'
import { customerPlace } from '#contracts/sealed.ts'
import type { Customer, Return, ReturnDetail, Recommendation } from '#contracts/returns.ts'
import type { Workflow } from '#contracts/workflow.ts'
import {
  acceptances,
  custodies,
  dispositions,
  grades,
  moneyStates,
  reasonCodes,
  returnTypes,
  stages,
} from '#contracts/codes.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { allowedCommands } from './lifecycle.ts'
import { dispositionStateOf, toDispositionRecord, toReturn, toWorkflow } from './present.ts'
import { readPageAsJson, type JsonPage } from './list-json-store.ts'
import { readDispositionHistory, readOne, readPage, type ReturnRow } from './read-store.ts'

type ReadContext = Pick<Context, 'db' | 'events' | 'secrets' | 'now'>

export const returnListFields: ListFields = {
  id: { kind: 'id', isSortable: false },
  clientId: { kind: 'id', isSortable: false },
  clientRef: { kind: 'code', isSortable: false },
  rmaNumber: { kind: 'code', isSortable: false },
  lpn: { kind: 'code', isSortable: false },
  sku: { kind: 'code', isSortable: false },
  title: { kind: 'text', isSortable: false },
  categoryId: { kind: 'code', isSortable: false },
  orderRef: { kind: 'code', isSortable: false },
  awb: { kind: 'code', isSortable: false },
  stage: { kind: 'code', isSortable: false, values: stages },
  custody: { kind: 'code', isSortable: false, values: custodies },
  acceptance: { kind: 'code', isSortable: false, values: acceptances },
  needsReview: { kind: 'boolean', isSortable: false },
  hubId: { kind: 'id', isSortable: false },
  grade: { kind: 'code', isSortable: false, values: grades },
  reasonCode: { kind: 'code', isSortable: false, values: reasonCodes },
  returnType: { kind: 'code', isSortable: false, values: returnTypes },
  saleChannel: { kind: 'code', isSortable: false },
  source: { kind: 'code', isSortable: false, values: ['api', 'file', 'marketplace', 'person', 'demo'] },
  recommendation: { kind: 'code', isSortable: false, values: dispositions },
  disposition: { kind: 'code', isSortable: false, values: dispositions },
  moneyState: { kind: 'code', isSortable: false, values: moneyStates },
  priceMinor: { kind: 'number', isSortable: true },
  recommendedValueMinor: { kind: 'number', isSortable: true },
  createdAt: { kind: 'time', isSortable: true },
  updatedAt: { kind: 'time', isSortable: true },
  receivedAt: { kind: 'time', isSortable: false },
  checkedAt: { kind: 'time', isSortable: false },
  decidedAt: { kind: 'time', isSortable: false },
  completedAt: { kind: 'time', isSortable: false },
}

function pageOf<T>(
  page: { readonly next: ListPage<T>['next']; readonly total: number | undefined },
  data: readonly T[],
): ListPage<T> {
  return page.total === undefined ? { data, next: page.next } : { data, next: page.next, total: page.total }
}

/** Returns that the actor may see, newest first unless sorted otherwise. */
export async function listReturns(ctx: Pick<Context, 'db'>, actor: Actor, query: ListQuery): Promise<ListPage<Return>> {
  const page = await readPage(ctx.db, actor, query, false)
  return pageOf(page, page.rows.map(toReturn))
}

/** What a list shows besides when it is asked to. */
export const returnListIncludes = {
  recommendation: 'tells also at which level (L0 to L3) the current recommendation was made',
} as const

/** The same page as the text of its JSON, for the route that is asked most. */
export function listReturnsAsJson(ctx: Pick<Context, 'db' | 'now'>, actor: Actor, query: ListQuery): Promise<JsonPage> {
  return readPageAsJson(ctx, actor, query)
}

export const workflowListFields: ListFields = {
  stage: { kind: 'code', isSortable: false, values: stages },
  hubId: { kind: 'id', isSortable: false },
  clientId: { kind: 'id', isSortable: false },
  needsReview: { kind: 'boolean', isSortable: false },
  acceptance: { kind: 'code', isSortable: false, values: acceptances },
  createdAt: { kind: 'time', isSortable: true },
  updatedAt: { kind: 'time', isSortable: true },
}

/** Workflows that still have a step to take, longest waiting first unless sorted otherwise. */
export async function listPendingWorkflows(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  query: ListQuery,
): Promise<ListPage<Workflow>> {
  const sort = query.sort.length > 0 ? query.sort : [{ field: 'updatedAt', direction: 'asc' as const }]
  const page = await readPage(ctx.db, actor, { ...query, sort }, true)
  const nowMs = ctx.now()
  return pageOf(
    page,
    page.rows.map((row) => toWorkflow(row, nowMs)),
  )
}

export async function readWorkflow(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  returnId: string,
): Promise<Workflow> {
  return toWorkflow(await readVisible(ctx, actor, returnId), ctx.now())
}

/** The row of one return; another's is not found, as one that does not exist. */
export async function readVisible(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<ReturnRow> {
  const row = await readOne(ctx.db, actor, id)
  if (row === null) throw new AppError('not_found', `no such return: ${id}`, { problem: 'return_unknown' })
  return row
}

/** One return with its recommendation, hub choice, findings and decisions, all from its own events. */
export async function readReturn(ctx: ReadContext, actor: Actor, id: string): Promise<ReturnDetail> {
  const row = await readVisible(ctx, actor, id)
  const events = await ctx.events.readStream(`return-${id}`)
  const last = <T extends ReturnEvent['type']>(type: T) =>
    events.findLast((event) => event.type === type) as { data: ReturnEventData[T]; at: Date } | undefined
  const recommended = last('DispositionRecommended')
  const hub = events.findLast((event) => event.type === 'HubAssigned' || event.type === 'HubNotFound')
  const customer = await openCustomer(ctx, actor, row)
  return {
    ...toReturn(row),
    ...customer,
    recommendationDetail: recommended === undefined ? null : toRecommendation(row, recommended.data, recommended.at),
    hubCandidates: [...((hub?.data as ReturnEventData['HubAssigned'] | undefined)?.candidates ?? [])],
    validation: [...(last('ReturnValidated')?.data.findings ?? [])],
    dispositions: (await readDispositionHistory(ctx.db, id)).map(toDispositionRecord),
    esg: standingCredit(row, last('EsgCredited')?.data),
    ledger: events.flatMap((event) =>
      event.type === 'LedgerPosted' ? [toLedger(row, event.data as ReturnEventData['LedgerPosted'], event.at)] : [],
    ),
    allowed: allowedCommands(row, dispositionStateOf(row)) as ReturnDetail['allowed'],
  }
}

function toRecommendation(row: ReturnRow, data: ReturnEventData['DispositionRecommended'], at: Date): Recommendation {
  return {
    id: data.recommendationId,
    returnId: row.id,
    isCurrent: true,
    createdAt: at.toISOString(),
    ...unpackRecommendation(data.body),
  }
}

/** A credit stands as long as its disposition is the current one and is done. */
function standingCredit(row: ReturnRow, credited: ReturnEventData['EsgCredited'] | undefined): ReturnDetail['esg'] {
  return credited !== undefined && credited.dispositionId === row.dispositionId && row.execution === 'done'
    ? credited.credit
    : null
}

function toLedger(row: ReturnRow, data: ReturnEventData['LedgerPosted'], at: Date): LedgerTransaction {
  const entries = data.entries.map(({ account, amountMinor }) => ({
    account,
    amount: { amount: amountMinor, currency: row.currency },
  }))
  return { tx: data.tx, cause: data.cause, at: at.toISOString(), entries }
}

/** Who may see the person sees it; a worker sees only what the customer wrote about the goods. */
async function openCustomer(
  ctx: Pick<Context, 'secrets'>,
  actor: Actor,
  row: ReturnRow,
): Promise<{ customer: Customer | null; isCustomerMasked: boolean }> {
  if (row.customerSealed === null || row.personId === null) return { customer: null, isCustomerMasked: false }
  const view = personViewOf(actor)
  if (view === 'none') return { customer: null, isCustomerMasked: true }
  const place = customerPlace(row.id)
  const [plain] = await ctx.secrets.open([{ personId: row.personId, sealed: row.customerSealed, place }])
  // An erasure takes the sealed text away too: what is there and does not open may not be used at present.
  if (plain === null || plain === undefined) return { customer: null, isCustomerMasked: true }
  const customer = JSON.parse(plain) as Customer
  if (view === 'whole') return { customer, isCustomerMasked: false }
  return { customer: customer.note === undefined ? {} : { note: customer.note }, isCustomerMasked: true }
}

/** What a label prints; no personal data. */
export async function readReturnByLabel(ctx: Pick<Context, 'db'>, actor: Actor, id: string) {
  const row = await readVisible(ctx, actor, id)
  return {
    lpn: row.lpn,
    rmaNumber: row.rmaNumber,
    title: row.title,
    disposition: row.disposition ?? row.recommendedDisposition,
    isDecided: row.disposition !== null,
    grade: row.grade,
    hubCode: row.hubCode,
    locationCode: row.locationCode,
  }
}
