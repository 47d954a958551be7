import { byOf } from '#contracts/events.ts'
import type { Command } from '#contracts/commands.ts'
import type { Hub, HubCreate, HubUpdate } from '#contracts/hubs.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Transaction } from '#platform/db/port.ts'
import { hubFromPlaces, readHubRow, writeHubs, type HubRow } from './store.ts'

type WriteContext = Pick<Context, 'db' | 'events' | 'geocoder' | 'now'>

/** The whole row of a hub and its limit: what its events carry, and all that a replay needs. */
export type HubEventData = { readonly hub: HubRow; readonly capacity: number }

/** Opens a hub, within the caller's transaction. Throws when the code is taken or the PIN code unknown. */
export async function createHub(
  ctx: WriteContext,
  tx: Transaction,
  command: Command<HubCreate>,
  isDemo: boolean,
): Promise<Hub> {
  const { input } = command
  const point = await pointOf(ctx, input)
  const nowMs = ctx.now()
  const at = new Date(nowMs)
  const hub: HubRow = {
    id: uuidv7(nowMs),
    code: input.code,
    name: input.name,
    status: 'active',
    pincode: input.pincode,
    ...point,
    timezone: timezoneOf(input.timezone),
    capabilities: input.capabilities,
    minutesPerDay: input.minutesPerDay,
    clientIds: input.clientIds,
    isDemo,
    version: 1,
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
  }
  try {
    await writeHubs(tx, [{ ...hub, capacity: input.capacity }])
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error
    throw new AppError('conflict', `there is a hub ${input.code} already`, { problem: 'hub_code_taken', cause: error })
  }
  await append(ctx, tx, command, 'HubCreated', { hub, capacity: input.capacity }, at)
  return hubFromPlaces({ ...hub, capacity: input.capacity, usedCapacity: 0 })
}

/** Changes a hub at the version that the caller saw. A limit below the units it holds is refused by the counter itself. */
export async function updateHub(
  ctx: WriteContext,
  tx: Transaction,
  command: Command<HubUpdate & { readonly hubId: string; readonly ifVersion: number | null }>,
): Promise<Hub> {
  const { hubId, ifVersion, ...input } = command.input
  const { actor } = command
  const before = await readHubRow(tx, hubId, true)
  if (before === null || (actor.hubIds !== null && !actor.hubIds.includes(hubId))) {
    throw new AppError('not_found', `no such hub: ${hubId}`, { problem: 'hub_unknown' })
  }
  if (ifVersion !== null && ifVersion !== before.version) {
    throw new AppError('precondition_failed', `the hub is at version ${before.version}, you saw ${ifVersion}`, {
      problem: 'version_stale',
      etag: `"${before.version}"`,
    })
  }
  const at = new Date(ctx.now())
  const { capacity: oldCapacity, usedCapacity, ...row } = before
  const hub: HubRow = {
    ...row,
    name: input.name ?? row.name,
    status: input.status ?? row.status,
    capabilities: input.capabilities ?? row.capabilities,
    minutesPerDay: input.minutesPerDay ?? row.minutesPerDay,
    clientIds: input.clientIds === undefined ? row.clientIds : input.clientIds,
    version: row.version + 1,
    updatedAt: at.toISOString(),
  }
  const capacity = input.capacity ?? oldCapacity
  try {
    await writeHubs(tx, [{ ...hub, capacity }])
  } catch (error) {
    if ((error as { code?: string }).code !== '23514') throw error
    throw new AppError(
      'conflict',
      `${row.code} holds more than ${capacity} units now: the limit cannot go below them`,
      {
        problem: 'capacity_below_use',
        cause: error,
      },
    )
  }
  await append(ctx, tx, command, 'HubUpdated', { hub, capacity }, at)
  return hubFromPlaces({ ...hub, capacity, usedCapacity })
}

async function append(
  ctx: WriteContext,
  tx: Transaction,
  command: Command<unknown>,
  type: string,
  data: HubEventData,
  at: Date,
): Promise<void> {
  const meta = { by: byOf(command.actor), requestId: command.requestId }
  await ctx.events.append(
    tx,
    [{ stream: `hub-${data.hub.id}`, version: data.hub.version, type, data: { ...meta, ...data } }],
    at,
  )
}

async function pointOf(ctx: Pick<Context, 'geocoder'>, input: HubCreate): Promise<{ lat: number; lng: number }> {
  if (input.lat !== undefined && input.lng !== undefined) return { lat: input.lat, lng: input.lng }
  const [place] = await ctx.geocoder.locate([input.pincode])
  if (!place) {
    throw new AppError('invalid', `no such PIN code: ${input.pincode}; give lat and lng`, {
      problem: 'pincode_unknown',
      errors: [{ pointer: '/pincode', code: 'pincode_unknown', detail: `no such PIN code: ${input.pincode}` }],
    })
  }
  return { lat: place.lat, lng: place.lng }
}

function timezoneOf(name: string): string {
  if (Intl.supportedValuesOf('timeZone').includes(name) || name === 'UTC' || name === 'Asia/Kolkata') return name
  throw new AppError('invalid', `no such time zone: ${name}`, {
    errors: [{ pointer: '/timezone', code: 'timezone_unknown', detail: 'an IANA name such as Asia/Kolkata' }],
  })
}
