import type { KeyObject } from 'node:crypto'
import type {
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  FastifyBaseLogger,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Commands } from '#contracts/commands.ts'
import { idSchema } from '#contracts/common.ts'
import { problemSchema } from '#contracts/problem.ts'
import type { Actor, Context } from '#context.ts'

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What every route file gets. */
export type RouteContext = {
  readonly ctx: Context
  readonly commands: Commands
  /** Signs list cursors; the same in all processes of an installation. */
  readonly cursorKey: KeyObject
}

declare module 'fastify' {
  // Fastify's own types can only be extended by merging interfaces.
  interface FastifyRequest {
    actor: Actor
  }
  interface FastifyContextConfig {
    /** What the caller must be allowed; `public` for the few routes that ask nobody. A route without one stops the start. */
    permission?: string
    /** Requests a minute and caller; the class's default when absent. */
    limitPerMinute?: number
  }
}

export const idParams = z.strictObject({ id: idSchema })

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})
const common = {
  400: problem('Not valid: every bad field is named'),
  401: problem('Not signed in, or the credentials are not valid'),
  403: problem('The role does not allow it'),
  429: problem('Too many requests; see Retry-After'),
  500: problem('A defect on our side'),
  503: problem('Busy, or a part is unavailable; see Retry-After'),
} as const
const known = {
  404: problem('There is none, or it is not yours'),
  409: problem('Its present state forbids it, or another one was faster'),
  412: problem('It was changed since you saw it'),
  413: problem('Larger than this route takes'),
  415: problem('Not a media type that this route takes'),
  422: problem('No state allows this command, or the idempotency key was used with another request'),
  428: problem('If-Match is missing'),
} as const

type Extra = keyof typeof known

/** Responses of an operation: its success beside all errors that it can answer. */
export function responses<S extends Record<number, unknown>>(success: S, ...extra: Extra[]) {
  const errors: Partial<Record<Extra, unknown>> = {}
  for (const status of extra) errors[status] = known[status]
  return { ...success, ...common, ...errors } as S
}

/** The headers that every write takes, for the documentation. */
export const writeErrors = ['404', '409', '413', '415', '422'].map(Number) as Extra[]

export function ok<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } }
}
