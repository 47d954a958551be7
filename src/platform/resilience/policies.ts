import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ExponentialBackoff,
  fullJitterGenerator,
  handleAll,
  handleWhen,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  type IBreaker,
} from 'cockatiel'
import { AppError } from '#kernel/errors.ts'

/** How one outside system is called: limits of time and number, when to stop asking, when to ask again. */
export type PolicySettings = {
  readonly name: string
  /** For the whole call: its wait for a place and its retries included. */
  readonly timeoutMs: number
  /** Opens after `failures` within `withinMs`; one probe is let through `halfOpenAfterMs` later. */
  readonly breaker: { readonly failures: number; readonly withinMs: number; readonly halfOpenAfterMs: number }
  /** Retries after waits of full jitter; of all calls at most `budgetShare` more. Absent: never again. */
  readonly retry?: {
    readonly attemptsMax: number
    readonly firstWaitMs: number
    readonly budgetShare: number
    readonly isTransient: (error: unknown) => boolean
  }
  readonly bulkhead: { readonly concurrentMax: number; readonly queueMax: number }
  /** What says nothing of the other side's health does not count for the breaker; all counts where this is absent. */
  readonly isFailure?: (error: unknown) => boolean
  readonly onState?: (state: BreakerState) => void
  readonly onRetry?: (waitMs: number) => void
  readonly onInFlight?: (inFlight: number) => void
  /** `ok`, or what `lastFailure` would call it. */
  readonly onOutcome?: (outcome: string) => void
}

export type BreakerState = 'closed' | 'open' | 'half_open'

export type PolicyState = {
  readonly breaker: BreakerState
  /** What last went wrong, and when, epoch ms; null when nothing has. */
  readonly lastFailure: { readonly why: string; readonly atMs: number } | null
  readonly inFlight: number
  readonly calls: number
  readonly retries: number
}

export type Policy = {
  /** Runs `work`; a refusal by the policy itself is `AppError('unavailable')` with problem `timeout`, `busy` or `breaker_open`. */
  readonly run: <T>(work: (signal: AbortSignal) => Promise<T>, how?: { readonly isRepeatable: boolean }) => Promise<T>
  readonly state: () => PolicyState
}

/** Tokens that may be saved up, so that a quiet hour doesn't pay for a storm of retries. */
const budgetTokensMax = 5

/** A policy in this order, from the outside: time limit, places, retries, breaker. Time is that of `Date.now`, as the library's. */
export function openPolicy(settings: PolicySettings): Policy {
  const { name, timeoutMs } = settings
  const recent: IBreaker & { readonly clear: () => void } = failuresWithin(settings.breaker)
  const limit = timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false })
  const places = bulkhead(settings.bulkhead.concurrentMax, settings.bulkhead.queueMax)
  const breaker = circuitBreaker(settings.isFailure === undefined ? handleAll : handleWhen(settings.isFailure), {
    breaker: recent,
    halfOpenAfter: settings.breaker.halfOpenAfterMs,
  })
  let calls = 0
  let retries = 0
  let inFlight = 0
  let tokens = budgetTokensMax
  let lastFailure: PolicyState['lastFailure'] = null
  const again =
    settings.retry === undefined
      ? null
      : retry(
          handleWhen((error) => tokens >= 1 && settings.retry!.isTransient(error)),
          {
            maxAttempts: settings.retry.attemptsMax,
            backoff: new ExponentialBackoff({
              generator: fullJitterGenerator,
              initialDelay: settings.retry.firstWaitMs,
              maxDelay: timeoutMs,
            }),
          },
        )
  again?.onRetry((event) => {
    retries += 1
    tokens -= 1
    settings.onRetry?.('delay' in event ? event.delay : 0)
  })
  breaker.onReset(() => recent.clear())
  breaker.onStateChange(() => settings.onState?.(breakerState(breaker.state)))

  return {
    run: async (work, how = { isRepeatable: true }) => {
      // The library lets others wait for the probe's answer; ours have a next level that answers now.
      if (breaker.state === CircuitState.HalfOpen) {
        settings.onOutcome?.('breaker_open')
        throw refused(name, 'breaker_open', 'the breaker waits for its probe')
      }
      calls += 1
      tokens = Math.min(budgetTokensMax, tokens + (settings.retry?.budgetShare ?? 0))
      inFlight += 1
      settings.onInFlight?.(inFlight)
      const once = (signal: AbortSignal) => breaker.execute(({ signal: inner }) => work(inner), signal)
      try {
        const answer = await limit.execute(({ signal: outer }) =>
          places.execute(
            ({ signal }) =>
              again === null || !how.isRepeatable
                ? once(signal)
                : again.execute(({ signal: inner }) => once(inner), signal),
            outer,
          ),
        )
        settings.onOutcome?.('ok')
        return answer
      } catch (error) {
        const told = asRefusal(name, timeoutMs, error)
        const why = told instanceof AppError ? told.problem : 'defect'
        if (!(error instanceof BrokenCircuitError)) lastFailure = { why, atMs: Date.now() }
        settings.onOutcome?.(why)
        throw told
      } finally {
        inFlight -= 1
        settings.onInFlight?.(inFlight)
      }
    },
    state: () => ({ breaker: breakerState(breaker.state), lastFailure, inFlight, calls, retries }),
  }
}

function refused(name: string, problem: string, detail: string, cause?: unknown): AppError {
  return new AppError('unavailable', `${name}: ${detail}`, { problem, cause })
}

function asRefusal(name: string, timeoutMs: number, error: unknown): unknown {
  if (error instanceof TaskCancelledError) return refused(name, 'timeout', `no answer in ${timeoutMs} ms`)
  if (error instanceof BulkheadRejectedError) return refused(name, 'busy', 'as many calls as it may have are under way')
  if (error instanceof BrokenCircuitError) return refused(name, 'breaker_open', 'the breaker is open')
  return error
}

function breakerState(state: CircuitState): BreakerState {
  if (state === CircuitState.HalfOpen) return 'half_open'
  return state === CircuitState.Closed ? 'closed' : 'open'
}

/** Opens on so many failures within a stretch of time, whatever succeeded between them. */
function failuresWithin(rule: {
  readonly failures: number
  readonly withinMs: number
}): IBreaker & { readonly clear: () => void } {
  let at: number[] = []
  return {
    state: null,
    success: () => {},
    failure: (state) => {
      if (state === CircuitState.HalfOpen) return true
      const now = Date.now()
      at = [...at.filter((ms) => now - ms < rule.withinMs), now]
      return at.length >= rule.failures
    },
    clear: () => {
      at = []
    },
  }
}
