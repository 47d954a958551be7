import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '#kernel/errors.ts'

/** Requests a minute and caller by class of route. */
const classes = { read: 60_000, write: 120_000, public: 300 } as const
const callersMax = 20_000

type Bucket = { tokens: number; atMs: number }

export type Limiter = {
  readonly take: (request: FastifyRequest, reply: FastifyReply) => void
  /** Counts credentials that were refused; who keeps on guessing is refused before the next look-up of an answer. */
  readonly takeGuess: (address: string) => void
}

/**
 * One token bucket a caller and class, in this process: a minute's worth may come at once; `guessesPerMinute` is for
 * credentials that nobody has, from one address. Tells the policy and what is left by the RateLimit headers (IETF draft)
 * and refuses with 429 and Retry-After.
 */
export function openLimiter(now: () => number, guessesPerMinute: number): Limiter {
  const buckets = new Map<string, Bucket>()
  return {
    take: (request, reply) => {
      const { permission, limitPerMinute } = request.routeOptions.config
      const kind = permission === 'public' ? 'public' : request.method === 'GET' ? 'read' : 'write'
      const quota = limitPerMinute ?? classes[kind]
      const name = limitPerMinute === undefined ? kind : `${request.method} ${request.routeOptions.url}`
      const caller = permission === 'public' ? request.ip : request.actor.id
      const bucket = take(buckets, `${name}|${caller}`, quota, now())
      reply.header('ratelimit-policy', `"${kind}";q=${quota};w=60`)
      reply.header(
        'ratelimit',
        `"${kind}";r=${Math.max(0, Math.floor(bucket.tokens))};t=${Math.ceil(60 * (1 - bucket.tokens / quota))}`,
      )
      if (bucket.tokens >= 0) return
      bucket.tokens += 1
      throw new AppError('rate_limited', `at most ${quota} requests a minute`, {
        retryAfterSeconds: Math.max(1, 60 / quota),
      })
    },
    takeGuess: (address) => {
      const bucket = take(buckets, `guess|${address}`, guessesPerMinute, now())
      if (bucket.tokens >= 0) return
      bucket.tokens += 1
      throw new AppError('rate_limited', `at most ${guessesPerMinute} refused credentials a minute`, {
        retryAfterSeconds: 1,
      })
    },
  }
}

function take(buckets: Map<string, Bucket>, key: string, quota: number, nowMs: number): Bucket {
  let bucket = buckets.get(key)
  if (bucket === undefined) {
    // The oldest entry goes first: a Map keeps the order of insertion.
    if (buckets.size >= callersMax) buckets.delete(buckets.keys().next().value!)
    bucket = { tokens: quota, atMs: nowMs }
    buckets.set(key, bucket)
  }
  bucket.tokens = Math.min(quota, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * quota) / 60_000) - 1
  bucket.atMs = nowMs
  return bucket
}
