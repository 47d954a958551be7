import type { Log, Metrics } from '../telemetry/port.ts'
import { openPolicy, type BreakerState, type Policy, type PolicySettings, type PolicyState } from './policies.ts'

/** All policies of one process, so that their states are seen in one place. */
export type Policies = {
  readonly open: (settings: PolicySettings) => Policy
  readonly states: () => readonly (PolicyState & { readonly name: string })[]
}

const breakerNumbers: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 }

/** Policies whose breaker, calls by outcome, retries and calls in flight are metrics, by name alone. */
export function openPolicies(parts: { readonly log: Log; readonly metrics: Metrics }): Policies {
  const { log, metrics } = parts
  const opened: { readonly name: string; readonly policy: Policy }[] = []
  return {
    open: (settings) => {
      const { name } = settings
      const labels = { system: name }
      const setBreaker = (state: BreakerState) =>
        metrics.gauge(
          'smartreturns_breaker_state',
          'Breaker: 0 closed, 1 half open, 2 open',
          breakerNumbers[state],
          labels,
        )
      const setInFlight = (inFlight: number) =>
        metrics.gauge('smartreturns_policy_in_flight', 'Guarded calls under way', inFlight, labels)
      const countRetries = (by: number) =>
        metrics.count('smartreturns_policy_retries_total', 'Guarded calls tried again', labels, by)
      setBreaker('closed')
      setInFlight(0)
      countRetries(0)
      const policy = openPolicy({
        ...settings,
        onState: (state) => {
          setBreaker(state)
          log.warn({ system: name, state }, 'the breaker of an outside system changed')
          settings.onState?.(state)
        },
        onRetry: (waitMs) => {
          countRetries(1)
          settings.onRetry?.(waitMs)
        },
        onInFlight: (inFlight) => {
          setInFlight(inFlight)
          settings.onInFlight?.(inFlight)
        },
        onOutcome: (outcome) => {
          metrics.count('smartreturns_policy_calls_total', 'Guarded calls by outcome', { ...labels, outcome })
          settings.onOutcome?.(outcome)
        },
      })
      opened.push({ name, policy })
      return policy
    },
    states: () => opened.map(({ name, policy }) => ({ name, ...policy.state() })),
  }
}
