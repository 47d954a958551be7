import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '#kernel/errors.ts'

export function etagOf(version: number): string {
  return `"${version}"`
}

/** Sends one object with its strong entity tag, or 304 when the caller has this version. */
export function sendVersioned(request: FastifyRequest, reply: FastifyReply, body: { readonly version: number }) {
  const etag = etagOf(body.version)
  reply.header('etag', etag)
  const seen = request.headers['if-none-match']
  if (seen !== undefined && seen.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*'))
    return reply.code(304).send()
  return reply.send(body)
}

/** The version that an edit is based on. Throws when If-Match is missing: an edit must say what it has seen. */
export function requireIfMatch(request: FastifyRequest): number {
  const version = readIfMatch(request)
  if (version === null) {
    throw new AppError('precondition_required', 'send the ETag that you have seen in If-Match', {
      problem: 'if_match_missing',
    })
  }
  return version
}

/** As `requireIfMatch`, for commands where it is a choice; null when absent. */
export function readIfMatch(request: FastifyRequest): number | null {
  const header = request.headers['if-match']
  if (header === undefined) return null
  const match = /^"(\d{1,9})"$/.exec(header.trim())
  if (match === null)
    throw new AppError('precondition_failed', `If-Match is an ETag such as "3"; got ${header.slice(0, 40)}`, {
      problem: 'if_match_invalid',
    })
  return Number(match[1])
}
