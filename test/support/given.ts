import type { Command, CommandActor, SubmitInput } from '#contracts/commands.ts'
import type { HubCreate } from '#contracts/hubs.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { createHub } from '#services/hubs/index.ts'
import { createClient } from '#services/returns/index.ts'
import type { TestContextOf } from './context.ts'

/** Builders of what tests take for granted. */

export const system: CommandActor = { kind: 'system', id: 'test', role: 'system', hubIds: null, clientIds: null }

export function command<T>(input: T, options: { actor?: CommandActor; key?: string } = {}): Command<T> {
  const idempotency =
    options.key === undefined ? null : { key: options.key, route: 'test', fingerprint: JSON.stringify(input) }
  return { actor: options.actor ?? system, requestId: uuidv7(Date.now()), idempotency, input }
}

export async function givenClient(ctx: TestContextOf, code = 'acme'): Promise<string> {
  const input = {
    code,
    name: code,
    kind: 'live',
    currency: 'INR',
    returnWindowDays: null,
    reviewAboveMinor: null,
  } as const
  const client = await ctx.db.transaction((tx) => createClient(ctx, tx, command(input)))
  return client.id
}

export async function givenHub(ctx: TestContextOf, input: Partial<HubCreate> = {}) {
  const hub: HubCreate = {
    code: 'BLR-1',
    name: 'Bengaluru',
    pincode: '560001',
    timezone: 'Asia/Kolkata',
    capabilities: ['battery', 'data_wipe', 'refurbish', 'e_waste', 'food', 'large_items', 'hazmat', 'textile'],
    capacity: 1000,
    minutesPerDay: 4800,
    clientIds: null,
    ...input,
  }
  return ctx.db.transaction((tx) => createHub(ctx, tx, command(hub), false))
}

let refs = 0

export function submission(clientId: string, input: Partial<SubmitInput> = {}): SubmitInput {
  refs += 1
  return {
    clientId,
    clientRef: `OD-${process.pid}-${refs}`,
    title: 'Cotton kurta, blue',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79900, currency: 'INR' },
    returnType: 'customer_return',
    reasonCode: 'size_or_fit',
    pickupPincode: '560034',
    source: 'api',
    ...input,
  }
}
