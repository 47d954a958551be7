import type { Problem } from '../../src/contracts/problem.ts'

/** A refused or failed call, as the API words it; `status` 0 when no answer came at all. */
export class ApiError extends Error {
  readonly problem: Problem
  readonly status: number
  readonly retryAfterSeconds: number | null

  constructor(problem: Problem, retryAfterSeconds: number | null = null, options?: ErrorOptions) {
    super(problem.detail, options)
    this.name = 'ApiError'
    this.problem = problem
    this.status = problem.status
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export type Answer<T> = { readonly data: T; readonly status: number }

export type CallOptions = {
  readonly body?: unknown
  readonly form?: FormData
  /** Kept by the caller across retries of the same command. */
  readonly idempotencyKey?: string
  /** The version that the person was looking at. */
  readonly ifVersion?: number | null
  readonly signal?: AbortSignal
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

function headersOf(method: Method, options: CallOptions): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (method === 'GET') return headers
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey
  if (typeof options.ifVersion === 'number') headers['if-match'] = `"${options.ifVersion}"`
  return headers
}

function unreachable(path: string, cause: unknown): ApiError {
  return new ApiError(
    {
      type: 'about:blank',
      title: 'unreachable',
      status: 0,
      detail: 'The server did not answer.',
      instance: path,
      code: 'unreachable',
      requestId: '',
    },
    null,
    { cause },
  )
}

export async function problemOf(response: Response, path: string): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after'))
  const seconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null
  if (response.headers.get('content-type')?.includes('application/problem+json') === true) {
    return new ApiError((await response.json()) as Problem, seconds)
  }
  return new ApiError(
    {
      type: 'about:blank',
      title: response.statusText || `HTTP ${response.status}`,
      status: response.status,
      detail: `The server answered ${response.status}.`,
      instance: path,
      code: `http_${response.status}`,
      requestId: response.headers.get('x-request-id') ?? '',
    },
    seconds,
  )
}

async function send(method: Method, path: string, options: CallOptions): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: headersOf(method, options),
      credentials: 'same-origin',
      body: options.form ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ?? null,
    })
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause
    throw unreachable(path, cause)
  }
}

let refreshing: Promise<boolean> | null = null

/** One refresh at a time: several panels notice an expired session in the same second. */
function refreshSession(): Promise<boolean> {
  refreshing ??= send('POST', '/api/auth/refresh', {})
    .then(
      (response) => response.ok,
      () => false,
    )
    .finally(() => {
      refreshing = null
    })
  return refreshing
}

/** One call of our API. Throws `ApiError`; an expired session is renewed once before it counts. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  let response = await send(method, path, options)
  if (response.status === 401 && !path.startsWith('/api/auth/login') && (await refreshSession())) {
    response = await send(method, path, options)
  }
  if (!response.ok) throw await problemOf(response, path)
  const data = response.status === 204 ? undefined : await response.json()
  return { data: data as T, status: response.status }
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await call<T>('GET', path, signal === undefined ? {} : { signal })
  return answer.data
}

/** Worth trying again by itself: nobody decided anything about the command yet. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === 0 ||
      error.status === 429 ||
      error.status === 503 ||
      error.problem.code === 'idempotency_key_in_progress')
  )
}
