import type { Hub, HubCapacity, HubPerformance } from '#contracts/hubs.ts'
import type { ListFields, ListPage, ListQuery } from '#contracts/lists.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { readBacklog, readHubPage, readPerformance } from './read-store.ts'
import { hubFromPlaces, readHubRow, type HubPlaces } from './store.ts'

export const hubListFields: ListFields = {
  id: { kind: 'id', isSortable: false },
  code: { kind: 'code', isSortable: true },
  name: { kind: 'text', isSortable: false },
  status: { kind: 'code', isSortable: false, values: ['active', 'paused', 'closed'] },
}

export async function listHubs(ctx: Pick<Context, 'db'>, actor: Actor, query: ListQuery): Promise<ListPage<Hub>> {
  const { rows, next } = await readHubPage(ctx.db, actor, query)
  return { data: rows.map((row) => shown(actor, row)), next }
}

/** Of these clients, the ones that the actor may know of. */
function own(actor: Actor, clientIds: readonly string[]): string[] {
  return clientIds.filter((id) => actor.clientIds === null || actor.clientIds.includes(id))
}

function shown(actor: Actor, places: HubPlaces): Hub {
  const hub = hubFromPlaces(places)
  return hub.clientIds === null ? hub : { ...hub, clientIds: own(actor, hub.clientIds) }
}

/** One hub; another's is not found. */
export async function readHub(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<Hub> {
  return shown(actor, await visible(ctx, actor, id))
}

export async function visible(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<HubPlaces> {
  const hub = actor.hubIds !== null && !actor.hubIds.includes(id) ? null : await readHubRow(ctx.db, id, false)
  const isForOthers = hub !== null && hub.clientIds !== null && own(actor, hub.clientIds).length === 0
  if (hub === null || isForOthers) throw new AppError('not_found', `no such hub: ${id}`, { problem: 'hub_unknown' })
  return hub
}

/** Places and work of one hub at this moment, counted, not estimated. */
export async function readCapacity(
  ctx: Pick<Context, 'db' | 'reference' | 'now'>,
  actor: Actor,
  id: string,
): Promise<HubCapacity> {
  const hub = await visible(ctx, actor, id)
  const backlog = await readBacklog(ctx.db, id)
  const byStage: Record<string, number> = {}
  let backlogMinutes = 0
  for (const { stage, categoryId, isInCustody, units } of backlog) {
    byStage[stage] = (byStage[stage] ?? 0) + units
    if (isInCustody) backlogMinutes += units * (ctx.reference.categories.get(categoryId)?.processingMinutes ?? 0)
  }
  return {
    hubId: hub.id,
    code: hub.code,
    capacity: hub.capacity,
    used: hub.usedCapacity,
    free: hub.capacity - hub.usedCapacity,
    load: hub.capacity === 0 ? 1 : hub.usedCapacity / hub.capacity,
    byStage,
    backlogMinutes,
    minutesPerDay: hub.minutesPerDay,
    waitDays: backlogMinutes / hub.minutesPerDay,
    asOf: new Date(ctx.now()).toISOString(),
  }
}

const performanceDays = 28

/** What one hub did in a period; the last 28 days when none is named. */
export async function hubPerformance(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  id: string,
  period: { readonly from: string | undefined; readonly to: string | undefined },
): Promise<HubPerformance> {
  const hub = await visible(ctx, actor, id)
  const to = period.to ?? new Date(ctx.now()).toISOString()
  const from = period.from ?? new Date(Date.parse(to) - performanceDays * 86_400_000).toISOString()
  if (Date.parse(from) >= Date.parse(to)) {
    throw new AppError('invalid', 'from must lie before to', {
      errors: [{ pointer: '/from', code: 'period_empty', detail: 'from must lie before to' }],
    })
  }
  return { hubId: hub.id, from, to, ...(await readPerformance(ctx.db, id, from, to)) }
}
