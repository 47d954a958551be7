import { AppError } from '#kernel/errors.ts'

const READ_ONLY = '25006'
// Classes of SQLSTATE that say "this server can't serve now", not "this statement is wrong".
const unavailableClasses = ['08', '53', '57', '58']
const unavailableCodes = new Set([
  READ_ONLY, // Read-only: a standby answers, or the disk of the primary is being rescued.
  '25P03', // Idle in a transaction for too long: our own process was starved.
  '25P04', // The transaction took too long.
  '55P03', // A lock was not given within lock_timeout.
])
const retryableCodes = new Set(['40001', '40P01'])

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
])

// The driver gives these no code.
const driverMessages = [
  /^connection terminated/i,
  /^timeout exceeded when trying to connect/i,
  /^client (has encountered a connection error|was closed)/i,
  /^cannot use a pool after calling end/i,
  /^query read timeout/i,
  /^write after end/i,
]

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** A deadlock or a serialisation failure: nothing is wrong with the transaction, it may run again. */
export function isRetryable(error: unknown): boolean {
  return retryableCodes.has(codeOf(error))
}

/** The connection is gone or in an unknown state: it must not go back to the pool. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  if (networkCodes.has(code) || code.startsWith('08') || /^57P0[1-5]$|^25P0[34]$/.test(code)) return true
  return code === '' && error instanceof Error && driverMessages.some((pattern) => pattern.test(error.message))
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  if (isConnectionLost(error) || unavailableCodes.has(code)) return true
  return code.length === 5 && unavailableClasses.includes(code.slice(0, 2))
}

/** Jittered, so that callers who were refused together do not come back together. */
function soon(): number {
  return 1 + Math.floor(Math.random() * 2)
}

/** A write in a transaction that was opened for reading: our own bug, where else it tells of a standby. */
export function isForbiddenWrite(error: unknown): boolean {
  return codeOf(error) === READ_ONLY
}

/** What the caller of the database sees of a failure; an unknown SQL error stays as it is: a bug, or a constraint to read. */
export function translateFailure(error: unknown): unknown {
  if (error instanceof AppError) return error
  if (isRetryable(error)) {
    const options = { cause: error, problem: 'concurrent_change', retryAfterSeconds: soon() }
    return new AppError('conflict', 'others changed the same records at the same time', options)
  }
  if (!isUnavailable(error)) return error
  return new AppError('unavailable', 'the database does not answer now', {
    cause: error,
    problem: 'database_unavailable',
    retryAfterSeconds: soon(),
  })
}
