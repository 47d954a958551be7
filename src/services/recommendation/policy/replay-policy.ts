import { basisOf } from '#contracts/packed-recommendation.ts'
import type { PolicyReplayReport } from '#contracts/policy-replay.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import type { Context } from '#context.ts'
import { compiledFor, type Compiled } from '../compile.ts'
import { decide } from '../decide.ts'
import { countDecisions, readDecisions, type DecisionScope, type KeptDecision } from '../decisions-store.ts'
import { unitFacts } from '../facts.ts'
import { featureRows } from '../features.ts'
import { openDifference } from './policy-difference.ts'
import type { PatchedPolicy } from './policy-patch.ts'

export const replayBatch = 250

/**
 * Decides past returns again under the policy that serves and under a changed one, on the facts that were known then and on
 * the predictions of the engine that serves now, so that the policy is all that differs. Writes nothing.
 */
export async function replayPolicy(
  ctx: Pick<Context, 'db' | 'inference' | 'reference' | 'now'>,
  policy: PatchedPolicy,
  scope: Omit<DecisionScope, 'until'>,
  progress: (done: number, total: number) => Promise<void>,
): Promise<PolicyReplayReport> {
  const startedMs = ctx.now()
  // What arrives meanwhile is not of the past.
  const within = { ...scope, until: new Date(startedMs).toISOString() }
  const { decision, categories, features } = ctx.reference
  const [served, changed] = [compiledFor(decision, categories), compiledFor(policy.data, categories)]
  const total = await countDecisions(ctx.db, within)
  const difference = openDifference()
  const engines = new Set<string>()
  const levels = new Set<NonNullable<PolicyReplayReport['level']>>()
  let skipped = 0
  let done = 0
  let afterId: string | null = null
  await progress(0, total)
  for (;;) {
    const page: KeptDecision[] = await readDecisions(ctx.db, within, afterId, replayBatch)
    const last = page.at(-1)
    if (last === undefined) break
    afterId = last.returnId
    const units = page.flatMap((kept) => {
      const basis = basisOf(kept.body, kept.returnId)
      return basis === null ? [] : [{ kept, item: basis.item }]
    })
    skipped += page.length - units.length
    if (units.length > 0) {
      const items = units.map((unit) => unit.item)
      const batch = await ctx.inference.predict({ items, rows: featureRows(served, features, items) })
      levels.add(batch.level)
      engines.add(batch.modelVersion)
      const before = decide(items, batch, decision, categories)
      const after = decide(items, batch, policy.data, categories)
      units.forEach(({ kept, item }, i) =>
        difference.add({
          sku: kept.sku,
          clientId: kept.clientId,
          before: before[i]!,
          after: after[i]!,
          paisePerMinor: unitFacts(served, item).paisePerMinor,
          minutes: { before: minutesOf(served, item), after: minutesOf(changed, item) },
        }),
      )
    }
    done += page.length
    await progress(done, Math.max(done, total))
  }
  return {
    changed: [...policy.changed],
    since: scope.since,
    clientId: scope.clientIds?.length === 1 ? scope.clientIds[0]! : null,
    level: levels.size > 1 ? 'mixed' : ([...levels][0] ?? null),
    modelVersion: engines.size === 0 ? null : [...engines].join(', '),
    skipped,
    ...difference.report(),
    seconds: (ctx.now() - startedMs) / 1000,
  }
}

function minutesOf(compiled: Compiled, item: DecisionItem): (route: string) => number {
  const { processingMinutes } = unitFacts(compiled, item).category
  return (route) =>
    processingMinutes * (compiled.data.policy.routes.find((row) => row.route === route)?.minutesShare ?? 0)
}
