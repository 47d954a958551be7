const failuresFree = 5
const delayMaxSeconds = 900
const entriesMax = 50_000

/** How long the next attempt has to wait after so many failures in a row: nothing at first, then doubling to 15 minutes. */
export function delaySeconds(failures: number): number {
  return failures < failuresFree ? 0 : Math.min(delayMaxSeconds, 2 ** Math.min(20, failures - failuresFree))
}

/** Failures in a row of what has no row in the database: addresses of nobody, and known devices. */
export type Attempts = {
  readonly waitMs: (key: string, nowMs: number) => number
  readonly fail: (key: string, nowMs: number) => void
  readonly forget: (key: string) => void
}

/** Kept in this process; the oldest go first when there are too many. */
export function openAttempts(): Attempts {
  const known = new Map<string, { readonly failures: number; readonly untilMs: number }>()
  return {
    waitMs: (key, nowMs) => Math.max(0, (known.get(key)?.untilMs ?? 0) - nowMs),
    fail: (key, nowMs) => {
      const failures = (known.get(key)?.failures ?? 0) + 1
      known.delete(key)
      if (known.size >= entriesMax) known.delete(known.keys().next().value!)
      known.set(key, { failures, untilMs: nowMs + delaySeconds(failures) * 1000 })
    },
    forget: (key) => void known.delete(key),
  }
}
