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
  const answer = await once(ctx, request, reply, request.body ?? null, run)
  const version = (answer.body as { version?: unknown } | null)?.version
  if (typeof version === 'number') reply.header('etag', `"${version}"`)
  return reply.code(answer.status).send(answer.body)
}

/**
 * As `runOnce`, for writes whose request or answer must not be stored: `compared` stands for the request, and the caller
 * makes the answer from what `run` gives.
 */
export async function once<T>(
  ctx: Pick<Context, 'db' | 'now'>,
  request: FastifyRequest,
  reply: FastifyReply,
  compared: unknown,
  run: (tx: Transaction) => Promise<OnceAnswer<T>>,
): Promise<OnceAnswer<T> & { readonly isReplayed: boolean }> {
  const key = idempotencyOf(request, compared)
  const caller = key === null ? null : { caller: request.actor.id, ...key }
  const answer = await answerOnce(ctx.db, caller, new Date(ctx.now()), run)
  if (answer.isReplayed) reply.header('idempotent-replayed', 'true')
  return answer
}
