import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Command, IdempotencyKey } from '#contracts/commands.ts'
import { AppError } from '#kernel/errors.ts'
import { etagOf } from './etags.ts'
import { problemOfRejection, sendProblem } from './problems.ts'

const keyMax = 255

function keyOf(header: string | string[]): string {
  const text = Array.isArray(header) ? header[0]! : header
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (key === '' || key.length > keyMax || !/^[\x21-\x7e][\x20-\x7e]*$/.test(key)) {
    throw new AppError('invalid', `Idempotency-Key is 1 to ${keyMax} printable characters`, {
      problem: 'idempotency_key_invalid',
    })
  }
  return key
}

/** Refuses a key that is none. */
export function checkIdempotencyKey(request: FastifyRequest): void {
  keyOf(request.headers['idempotency-key']!)
}

/** The caller's Idempotency-Key with the fingerprint of what it asks for; null when none was sent. */
export function idempotencyOf(request: FastifyRequest, body: unknown): IdempotencyKey | null {
  const header = request.headers['idempotency-key']
  if (header === undefined) return null
  const key = keyOf(header)
  // The validated body has its schema's order of fields, so the same request has the same text.
  const fingerprint = createHash('sha256')
    .update(`${request.method} ${request.url}\n${request.headers['if-match'] ?? ''}\n${JSON.stringify(body)}`)
    .digest('base64url')
  return { key, route: `${request.method} ${request.routeOptions.url}`, fingerprint }
}

export function commandOf<T>(request: FastifyRequest, input: T, body: unknown = input): Command<T> {
  return { actor: request.actor, requestId: request.id, idempotency: idempotencyOf(request, body), input }
}

/** Sends the answer of one command: its value, or its refusal as a problem. */
export function sendAnswer<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer<T>,
  status: (value: T) => number = () => 200,
): FastifyReply {
  if (answer.isReplayed) reply.header('idempotent-replayed', 'true')
  if (!answer.outcome.ok) {
    const { rejection } = answer.outcome
    if (rejection.version !== undefined) reply.header('etag', etagOf(rejection.version))
    return sendProblem(reply, problemOfRejection(rejection, request))
  }
  return reply.code(status(answer.outcome.value)).send(answer.outcome.value)
}
