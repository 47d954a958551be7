import type { LivePolicy } from '#contracts/decision-policy.ts'
import type { DecisionData } from '#contracts/decision.ts'
import type { Reference } from '#contracts/reference.ts'
import type { Context } from '#context.ts'
import { patchDecision } from './policy-patch.ts'
import { readPolicyPatches, readPolicyVersion, type PolicyPatch } from './policy-versions-store.ts'

/** What ships with every version laid over it, in order; a changed file goes by the version that changed it last. */
export function applyPatches(shipped: DecisionData, patches: readonly PolicyPatch[]): DecisionData {
  let data = shipped
  for (const { version, patch } of patches) {
    const patched = patchDecision(data, patch)
    const named = patched.changed.map((part) => [
      part,
      { ...patched.data[part], version: `${shipped[part].version}+${version}` },
    ])
    data = { ...patched.data, ...Object.fromEntries(named) }
  }
  return data
}

/**
 * The decision data of this process, changed while it runs, and the reference data that show them. A version that no longer
 * fits what ships changes nothing, and `serving` says why.
 */
export async function openLivePolicy(
  { db, log }: Pick<Context, 'db' | 'log'>,
  reference: Reference,
): Promise<{ readonly policy: LivePolicy; readonly reference: Reference }> {
  const shipped = reference.decision
  let decision = shipped
  let versions = reference.versions
  let serving: ReturnType<LivePolicy['serving']> = { version: 0, refused: null }
  let seen = 0

  async function refresh(): Promise<void> {
    const newest = await readPolicyVersion(db)
    if (newest === seen) return
    const patches = await readPolicyPatches(db)
    seen = patches.at(-1)?.version ?? 0
    try {
      decision = applyPatches(shipped, patches)
      const named = Object.entries(decision).map(([name, { version }]) => [`decision.${name}`, version])
      versions = { ...reference.versions, ...Object.fromEntries(named) }
      serving = { version: seen, refused: null }
    } catch (error) {
      log.error(
        { err: error, version: seen },
        'a version of the decision policy no longer fits: the one before goes on',
      )
      serving = { version: seen, refused: error instanceof Error ? error.message : String(error) }
    }
  }
  await refresh()

  const live: Reference = {
    ...reference,
    get decision() {
      return decision
    },
    get versions() {
      return versions
    },
  }
  return { policy: { decision: () => decision, serving: () => serving, refresh }, reference: live }
}
