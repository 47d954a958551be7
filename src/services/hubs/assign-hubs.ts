import type { AssignedIntake, RecommendedIntake } from '#contracts/intake.ts'
import { accept, type Outcome } from '#kernel/outcome.ts'
import { chooseHubs } from './choose-hubs.ts'
import type { HubView } from './locate-hubs.ts'

/**
 * Chooses a hub for every unit that was not refused by policy. The place is taken when the unit is recorded, by the
 * counter's own check in the same transaction; a batch that lost the race is decided again on a fresh view.
 */
export function assignHubs(view: HubView, items: readonly RecommendedIntake[]): Outcome<AssignedIntake>[] {
  const placed = items.map((item) => item.known === null && item.acceptance !== 'rejected')
  const choices = chooseHubs(
    items.filter((_, i) => placed[i]).map((item) => item.located),
    view.free,
  )
  let next = 0
  return items.map((item, i) => accept({ ...item, choice: placed[i] ? choices[next++]! : null }))
}
