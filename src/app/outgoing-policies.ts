import { isSystemFailure } from '#integrations/guarded-http.ts'
import { isTransient } from '#integrations/http.ts'
import type { PolicySettings } from '#platform/resilience/policies.ts'

const rules = {
  // A little over the limit of one call, so that a quick failure leaves time for a second try.
  timeoutMs: 20_000,
  breaker: { failures: 5, withinMs: 30_000, halfOpenAfterMs: 30_000 },
  retry: { attemptsMax: 2, firstWaitMs: 100, budgetShare: 0.1, isTransient },
  isFailure: isSystemFailure,
} as const

/** How systems are called over HTTP; docs/resilience.md shows it beside the others. */
export const outgoingPolicies = {
  mlflow: { ...rules, name: 'mlflow', bulkhead: { concurrentMax: 8, queueMax: 32 } },
  feast: { ...rules, name: 'feast', bulkhead: { concurrentMax: 16, queueMax: 64 } },
} as const satisfies Record<string, PolicySettings>
