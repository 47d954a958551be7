import type { LocatedIntake } from '#contracts/intake.ts'
import { accept, type Outcome } from '#kernel/outcome.ts'
import { acceptanceOf } from './eligibility.ts'

/** A unit whose PIN code nobody knows goes on, without a distance: a person must look where it is. */
export function judgePlaces(items: readonly LocatedIntake[]): Outcome<LocatedIntake>[] {
  return items.map((item) => {
    if (!item.located.isPlaceUnknown) return accept(item)
    const detail = `no such PIN code: ${item.pickupPincode}`
    const findings = [...item.findings, { rule: 'pincode_unknown', verdict: 'review' as const, detail }]
    return accept({ ...item, findings, acceptance: acceptanceOf(findings) })
  })
}
