import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '#context.ts'
import type { Transaction } from '#platform/db/port.ts'
import { answerOnce, type OnceAnswer } from '#platform/idempotency/store.ts'
import { idempotencyOf } from './idempotency.ts'

/** Runs a write that is no command on returns, at most once for its Idempotency-Key, and sends its answer. */
export async function runOnce<T>(
  ctx: Pick<Context, 'db' | 'now'>,
  request: FastifyRequest,
  reply: FastifyReply,
  run: (tx: Transaction) => Promise<OnceAnswer<T>>,
): Promise<FastifyReply> {
  const key = idempotencyOf(request, request.body ?? null)
  const answer = await answerOnce(
    ctx.db,
    key === null ? null : { caller: request.actor.id, ...key },
    new Date(ctx.now()),
    run,
  )
  if (answer.isReplayed) reply.header('idempotent-replayed', 'true')
  const version = (answer.body as { version?: unknown } | null)?.version
  if (typeof version === 'number') reply.header('etag', `"${version}"`)
  return reply.code(answer.status).send(answer.body)
}
