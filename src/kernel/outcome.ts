import type { ErrorCode, FieldError } from './errors.ts'

/** Why one item of a batch was not accepted. `kind` picks the HTTP status; `code` is stable and machine-read. */
export type Rejection = {
  readonly kind: ErrorCode
  readonly code: string
  readonly detail: string
  readonly errors?: readonly FieldError[]
  /** The current version, for one that was stale. */
  readonly version?: number
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection }

export function accept<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function reject(kind: ErrorCode, code: string, detail: string, errors?: readonly FieldError[]): Outcome<never> {
  return { ok: false, rejection: errors ? { kind, code, detail, errors } : { kind, code, detail } }
}

/** Refuses a command that was given on an older version than the present one, which the caller is told. */
export function rejectStale(what: string, version: number, seen: number): Outcome<never> {
  const detail = `the ${what} is at version ${version}, you saw ${seen}`
  return { ok: false, rejection: { kind: 'precondition_failed', code: 'version_stale', detail, version } }
}

/**
 * Runs a batch step on the items still in play and puts its answers back in their places.
 * Refused items keep their refusal. Throws when the step answers another number of items than it got.
 */
export async function advance<T, U>(
  outcomes: readonly Outcome<T>[],
  step: (items: readonly T[]) => Promise<readonly Outcome<U>[]> | readonly Outcome<U>[],
): Promise<Outcome<U>[]> {
  const items: T[] = []
  for (const outcome of outcomes) if (outcome.ok) items.push(outcome.value)
  const answers = items.length === 0 ? [] : await step(items)
  if (answers.length !== items.length) {
    throw new Error(`a step got ${items.length} items and answered ${answers.length}`)
  }
  let next = 0
  return outcomes.map((outcome) => (outcome.ok ? answers[next++]! : outcome))
}
