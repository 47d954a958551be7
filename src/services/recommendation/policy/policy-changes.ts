import type { PolicyValueChange } from '#contracts/decision-policy.ts'
import { policyParts } from '#contracts/decision-policy-parts.ts'
import type { DecisionData } from '#contracts/decision.ts'
import { escaped, isMembers, keyOf } from './policy-patch.ts'

/** Values that differ, each with its place; what is in one of the two only is null in the other. */
export function policyChanges(before: DecisionData, after: DecisionData): PolicyValueChange[] {
  return policyParts.flatMap((part) => {
    const [{ version: _, ...old }, { version: __, ...now }] = [before[part], after[part]]
    return differences(old, now, `/${part}`)
  })
}

function differences(before: unknown, after: unknown, pointer: string): PolicyValueChange[] {
  const [old, now] = [membersOf(before), membersOf(after)]
  if (old !== null && now !== null) {
    const names = new Set([...Object.keys(old), ...Object.keys(now)])
    return [...names].flatMap((name) => differences(old[name], now[name], `${pointer}/${escaped(name)}`))
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  return [{ pointer, before: before ?? null, after: after ?? null }]
}

/** A list whose elements have names is compared by them, whatever their order. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (!Array.isArray(value)) return isMembers(value) ? value : null
  const nameOf = keyOf(value)
  return nameOf === null ? null : Object.fromEntries(value.map((element) => [nameOf(element), element]))
}
