import { noCancelReason } from '#contracts/return-steps.ts'
import type { FastifyRequest } from 'fastify'
import type { Answer } from '#contracts/commands.ts'
import type { ReturnChanged, ReturnCommand } from '#contracts/returns.ts'
import { AppError } from '#kernel/errors.ts'
import { mayDo, type Permission } from '#platform/auth/roles.ts'
import { readVisible } from '#services/returns/index.ts'
import { commandOf } from '../idempotency.ts'
import type { RouteContext } from '../route.ts'

const needed: Readonly<Record<ReturnCommand['command'], Permission>> = {
  receive: 'returns:receive',
  review: 'returns:review',
  decide: 'returns:decide',
  execute: 'returns:decide',
  cancel: 'returns:cancel',
}

/** Runs one named command on a return, where the caller may issue it. */
export async function runReturnCommand(
  { ctx, commands }: Pick<RouteContext, 'ctx' | 'commands'>,
  request: FastifyRequest,
  returnId: string,
  ifVersion: number | null,
  body: ReturnCommand,
): Promise<Answer<ReturnChanged>> {
  const permission = needed[body.command]
  if (!mayDo(request.actor, permission))
    throw new AppError('forbidden', `this needs the permission ${permission}`, { problem: 'permission_missing' })
  const on = { returnId, ifVersion }
  switch (body.command) {
    case 'receive':
      return commands.receiveReturn(commandOf(request, { ...body, ...on }))
    case 'review':
      return commands.reviewReturn(commandOf(request, { ...body, ...on }))
    case 'decide':
      return commands.decideReturn(commandOf(request, { ...body, ...on }))
    case 'cancel':
      return commands.cancelReturn(commandOf(request, { ...on, reason: body.reason ?? noCancelReason }))
    case 'execute': {
      const row = await readVisible(ctx, request.actor, returnId)
      if (row.dispositionId === null)
        throw new AppError('conflict', `${row.lpn}: nothing is decided yet`, { problem: 'not_decided' })
      if (ifVersion !== null && ifVersion !== row.version) {
        throw new AppError('precondition_failed', `the return is at version ${row.version}, you saw ${ifVersion}`, {
          problem: 'version_stale',
          etag: `"${row.version}"`,
        })
      }
      const { command: _, ...input } = body
      return commands.executeDisposition(
        commandOf(request, { ...input, dispositionId: row.dispositionId, ifVersion: null }),
      )
    }
    default:
      return body satisfies never
  }
}
