import type { Route } from '#contracts/codes.ts'

/** What earlier decisions and outcomes say to the next one. It comes in as data: the same state gives the same answer. */
export type DecisionState = {
  /** Alpha of the intervals, by group (`intervals.ts`); a group that is not there has the wanted one. */
  readonly alphas: ReadonlyMap<string, number>
  /** Outcomes known, by `category level 1|route`; null where nobody counts them. */
  readonly outcomes: ReadonlyMap<string, number> | null
  readonly spent: ExplorationSpent
}

/** Of the last seven days, in the mean. Amounts are paise. */
export type ExplorationSpent = {
  readonly valueMinor: number
  /** Given up for near ties, and what probes would have given up had they not been held back. */
  readonly tiesMinor: number
  readonly probesMinor: number
}

export const freshState: DecisionState = {
  alphas: new Map(),
  outcomes: null,
  spent: { valueMinor: 0, tiesMinor: 0, probesMinor: 0 },
}

/** Share of the probes that the budget leaves: near ties are paid first. */
export function probeFactor({ valueMinor, tiesMinor, probesMinor }: ExplorationSpent, budgetShare: number): number {
  if (probesMinor <= 0) return 1
  const left = budgetShare * Math.max(0, valueMinor) - tiesMinor
  return Math.min(1, Math.max(0, left / probesMinor))
}

/** Until every admissible route has enough outcomes in this part of the catalogue, more is tried. */
export function isStarting(
  { outcomes }: DecisionState,
  categoryId: string,
  routes: readonly Route[],
  outcomesMin: number,
): boolean {
  if (outcomes === null) return false
  const first = categoryId.split('.', 1)[0]
  return routes.some((route) => (outcomes.get(`${first}|${route}`) ?? 0) < outcomesMin)
}
