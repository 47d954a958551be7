import type { Retries } from './port.ts'

/** The longest wait before the next try: it doubles with each failure, up to a limit. */
export function wholeWait({ firstWaitMs, longestWaitMs }: Retries, failures: number): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - 1, 30))
}

/** Anything up to the whole wait (full jitter), so that those who failed together do not come back together. */
export function fullJitter(retries: Retries, failures: number, random: () => number): number {
  return Math.round(random() * wholeWait(retries, failures))
}

/** Between a half and the whole, for who wants some wait in any case. */
export function halfJitter(retries: Retries, failures: number, random: () => number): number {
  return Math.round(wholeWait(retries, failures) * (0.5 + random() / 2))
}

/** Two digits of a wait, rounded up: so few different ones that each may have a queue of its own. */
export function waitStep(ms: number): number {
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(ms, 1))) - 1)
  return Math.max(10, Math.ceil(ms / digit) * digit)
}
