import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Problem } from '#contracts/problem.ts'
import type { Log } from '#platform/telemetry/port.ts'
import { AppError, type ErrorCode, type FieldError } from '#kernel/errors.ts'
import type { Rejection } from '#kernel/outcome.ts'

const statusOf: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  precondition_required: 428,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
}

export function statusOfRejection(rejection: Rejection): number {
  return statusOf[rejection.kind]
}

function problem(
  status: number,
  code: string,
  detail: string,
  instance: string,
  requestId: string,
  errors?: readonly FieldError[],
): Problem {
  const body: Problem = {
    type: `/api/docs/problems#${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    instance,
    code,
    requestId,
  }
  return errors === undefined || errors.length === 0 ? body : { ...body, errors: [...errors] }
}

/** The path without its query: a query may hold what nobody should read in an error or a log. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

export function problemOfRejection(rejection: Rejection, request: FastifyRequest): Problem {
  return problem(
    statusOf[rejection.kind],
    rejection.code,
    rejection.detail,
    pathOf(request),
    request.id,
    rejection.errors,
  )
}

export function sendProblem(reply: FastifyReply, body: Problem): FastifyReply {
  return reply.code(body.status).type('application/problem+json').send(body)
}

type Thrown = Error & {
  readonly statusCode?: number
  readonly code?: string
  readonly validation?: readonly {
    readonly instancePath: string
    readonly message?: string
    readonly keyword?: string
  }[]
  readonly validationContext?: string
}

/** Answers every error as a problem document; what nobody expected is logged once and told without inner matters. */
export function installProblems(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: Thrown, request, reply) => {
    const body = problemOfError(error, request)
    if (body.status >= 500 && !(error instanceof AppError)) {
      log.error({ requestId: request.id, method: request.method, path: pathOf(request), err: error }, 'request failed')
    } else if (error instanceof AppError && error.code === 'unavailable') {
      log.warn({ requestId: request.id, path: pathOf(request), reason: error.message }, 'a part is unavailable')
    }
    if (error instanceof AppError) {
      if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)))
      else if (body.status === 503) reply.header('retry-after', '1')
      if (error.etag !== undefined) reply.header('etag', error.etag)
      if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
    } else if (body.status === 503) reply.header('retry-after', '1')
    return sendProblem(reply, body)
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      problem(
        404,
        'route_unknown',
        `there is nothing at ${request.method} ${pathOf(request)}`,
        pathOf(request),
        request.id,
      ),
    ),
  )
}

/** Any error as a problem document, for answers that are under way already. */
export function problemOfError(error: Thrown, request: FastifyRequest): Problem {
  const make = (status: number, code: string, detail: string, errors?: readonly FieldError[]) =>
    problem(status, code, detail, pathOf(request), request.id, errors)
  if (error instanceof AppError) return make(statusOf[error.code], error.problem, error.message, error.errors)
  if (error.validation !== undefined) {
    const errors = error.validation.map((issue) => ({
      pointer: issue.instancePath,
      code: issue.keyword ?? 'invalid',
      detail: issue.message ?? 'not valid',
    }))
    return make(
      400,
      'invalid',
      `${errors.length} ${errors.length === 1 ? 'field is' : 'fields are'} not valid in the ${error.validationContext ?? 'request'}`,
      errors,
    )
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
    case 'FST_REQ_FILE_TOO_LARGE':
      return make(413, 'too_large', 'the body is larger than this route takes')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return make(415, 'unsupported_media_type', 'send application/json')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return make(400, 'body_missing', 'the body is empty')
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return make(400, 'json_malformed', 'the body is not valid JSON')
    default:
  }
  // A value that no schema caught and the database cannot take (class 22: data exception) is the caller's.
  if (error.code !== undefined && /^22[0-9A-Z]{3}$/.test(error.code))
    return make(400, 'invalid', 'a value is not of the type that this field has')
  if (error instanceof SyntaxError) return make(400, 'json_malformed', 'the body is not valid JSON')
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return make(error.statusCode, 'invalid', error.message)
  }
  if (error.code === 'FST_ERR_HANDLER_TIMEOUT')
    return make(503, 'too_slow', 'the answer was not ready in time; try again, or ask for less')
  if (error.statusCode === 503) return make(503, 'overloaded', 'the server is busy; try again soon')
  return make(500, 'internal', 'something went wrong on our side; the request id tells us what')
}
