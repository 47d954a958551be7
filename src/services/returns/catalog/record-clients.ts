import { byOf } from '#contracts/events.ts'
import type { Client, ClientCreate, ClientUpdate } from '#contracts/clients.ts'
import type { Command } from '#contracts/commands.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Transaction } from '#platform/db/port.ts'
import { readClientRow, writeClients } from './store.ts'

type WriteContext = Pick<Context, 'events' | 'now'>

async function append(ctx: WriteContext, tx: Transaction, command: Command<unknown>, client: Client): Promise<void> {
  const data = { by: byOf(command.actor), requestId: command.requestId, client }
  await ctx.events.append(
    tx,
    [{ stream: `client-${client.id}`, version: client.version, type: 'ClientRecorded', data }],
    new Date(client.updatedAt),
  )
}

/** Adds a client, within the caller's transaction. Throws when its code is taken. */
export async function createClient(
  ctx: WriteContext,
  tx: Transaction,
  command: Command<Omit<ClientCreate, 'kind'> & { readonly kind: Client['kind'] }>,
): Promise<Client> {
  const nowMs = ctx.now()
  const at = new Date(nowMs).toISOString()
  const client: Client = {
    id: uuidv7(nowMs),
    ...command.input,
    isActive: true,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  try {
    await writeClients(tx, [client])
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error
    throw new AppError('conflict', `there is a client ${client.code} already`, {
      problem: 'client_code_taken',
      cause: error,
    })
  }
  await append(ctx, tx, command, client)
  return client
}

/** Changes a client at the version that the caller saw. */
export async function updateClient(
  ctx: WriteContext,
  tx: Transaction,
  command: Command<ClientUpdate & { readonly clientId: string; readonly ifVersion: number }>,
): Promise<Client> {
  const { clientId, ifVersion, ...input } = command.input
  const { actor } = command
  const before =
    actor.clientIds !== null && !actor.clientIds.includes(clientId) ? null : await readClientRow(tx, clientId, true)
  if (before === null) throw new AppError('not_found', `no such client: ${clientId}`, { problem: 'client_unknown' })
  if (before.version !== ifVersion) {
    throw new AppError('precondition_failed', `the client is at version ${before.version}, you saw ${ifVersion}`, {
      problem: 'version_stale',
      etag: `"${before.version}"`,
    })
  }
  const client: Client = {
    ...before,
    name: input.name ?? before.name,
    returnWindowDays: input.returnWindowDays === undefined ? before.returnWindowDays : input.returnWindowDays,
    reviewAboveMinor: input.reviewAboveMinor === undefined ? before.reviewAboveMinor : input.reviewAboveMinor,
    isActive: input.isActive ?? before.isActive,
    version: before.version + 1,
    updatedAt: new Date(ctx.now()).toISOString(),
  }
  await writeClients(tx, [client])
  await append(ctx, tx, command, client)
  return client
}
