import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '#kernel/errors.ts'
import type { Buckets } from '#platform/limits/port.ts'

/** Requests a minute and caller by class of route. */
const classes = { read: 60_000, write: 120_000, public: 300 } as const

export type Limiter = {
  readonly take: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Counts credentials that were refused; who keeps on guessing is refused before the next look-up of an answer. */
  readonly takeGuess: (address: string) => Promise<void>
}

/**
 * One token bucket a caller and class: a minute's worth may come at once; `guessesPerMinute` is for credentials that nobody
 * has, from one address. Tells the policy and what is left by the RateLimit headers (IETF draft) and refuses with 429 and
 * Retry-After.
 */
export function openLimiter(buckets: Buckets, guessesPerMinute: number): Limiter {
  return {
    take: async (request, reply) => {
      const { permission, limitPerMinute } = request.routeOptions.config
      const kind = permission === 'public' ? 'public' : request.method === 'GET' ? 'read' : 'write'
      const quota = limitPerMinute ?? classes[kind]
      const name = limitPerMinute === undefined ? kind : `${request.method} ${request.routeOptions.url}`
      const caller = permission === 'public' ? request.ip : request.actor.id
      const left = await buckets.take(`${name}|${caller}`, quota)
      reply.header('ratelimit-policy', `"${kind}";q=${quota};w=60`)
      reply.header(
        'ratelimit',
        `"${kind}";r=${Math.max(0, Math.floor(left))};t=${Math.ceil(60 * (1 - Math.min(1, left / quota)))}`,
      )
      if (left >= 0) return
      throw new AppError('rate_limited', `at most ${quota} requests a minute`, {
        retryAfterSeconds: Math.max(1, 60 / quota),
      })
    },
    takeGuess: async (address) => {
      if ((await buckets.take(`guess|${address}`, guessesPerMinute)) >= 0) return
      throw new AppError('rate_limited', `at most ${guessesPerMinute} refused credentials a minute`, {
        retryAfterSeconds: 1,
      })
    },
  }
}
