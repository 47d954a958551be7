/** Why a whole call is refused. The HTTP status of each stands in `gateway/problems.ts`. */
export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'precondition_failed'
  | 'precondition_required'
  | 'unprocessable'
  | 'too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'

/** One bad field: a JSON pointer into the request, a stable code, a sentence with the offending value. */
export type FieldError = { readonly pointer: string; readonly code: string; readonly detail: string }

export type AppErrorOptions = {
  readonly cause?: unknown
  /** A stable machine code, finer than `code`; defaults to it. */
  readonly problem?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** The current entity tag, for a failed precondition. */
  readonly etag?: string
}

/** A call that can't be answered as a whole. What one item did wrong is an `Outcome` instead. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly problem: string
  readonly errors: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined
  readonly etag: string | undefined

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.problem = options.problem ?? code
    this.errors = options.errors ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
    this.etag = options.etag
  }
}
