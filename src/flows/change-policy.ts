import type { DecisionPolicy, PolicyEdit } from '#contracts/decision-policy.ts'
import { policyParts } from '#contracts/decision-policy-parts.ts'
import { byOf } from '#contracts/events.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import type { Transaction } from '#platform/db/port.ts'
import { insertPolicyVersion, patchDecision, policyChanges } from '#services/recommendation/index.ts'
import { recordReference } from './record-reference.ts'

type PolicyContext = Pick<Context, 'db' | 'events' | 'policy' | 'reference' | 'now'>

/** What decides now in this process, whole. */
export function showPolicy(ctx: Pick<Context, 'policy'>): DecisionPolicy {
  const decision = ctx.policy.decision()
  const files = Object.fromEntries(policyParts.map((part) => [part, decision[part]]))
  return { ...ctx.policy.serving(), files: files as DecisionPolicy['files'] }
}

/** Makes a new version of what the caller has seen. Every fault is named; what would change nothing is refused. */
export async function changePolicy(
  ctx: PolicyContext,
  tx: Transaction,
  asked: { readonly actor: Actor; readonly requestId: string; readonly ifVersion: number; readonly input: PolicyEdit },
): Promise<void> {
  const { actor, requestId, ifVersion, input } = asked
  const { version: served, refused } = ctx.policy.serving()
  if (refused !== null)
    throw new AppError('conflict', `version ${served} does not fit what ships: ${refused}`, {
      problem: 'policy_refused',
    })
  if (served !== ifVersion) throw stale(ifVersion, served)
  refuseFixed(input.policy)
  const before = ctx.policy.decision()
  const changes = policyChanges(before, patchDecision(before, input.policy).data)
  if (changes.length === 0)
    throw new AppError('invalid', 'it changes nothing', {
      problem: 'policy_unchanged',
      errors: [{ pointer: '/policy', code: 'unchanged', detail: 'every value is the one that serves' }],
    })
  const version = ifVersion + 1
  const at = new Date(ctx.now())
  const { reason } = input
  const isFirst = await insertPolicyVersion(tx, { version, patch: input.policy, changes, reason, by: actor.id, at })
  if (!isFirst) throw stale(ifVersion, null)
  const data = { by: byOf(actor), requestId, version, reason, changes }
  await ctx.events.append(tx, [{ stream: 'policy-decision', version, type: 'PolicyChanged', data }], at)
}

/** After the commit: this process decides by it now, others within seconds. */
export async function takePolicy(ctx: PolicyContext): Promise<void> {
  await ctx.policy.refresh()
  await recordReference(ctx)
}

function refuseFixed(policy: PolicyEdit['policy']): void {
  const fixed = Object.keys(policy).filter((name) => name === 'emissions')
  if (fixed.length === 0) return
  throw new AppError('invalid', 'emissions belong to the ESG method, which is not changed here', {
    problem: 'policy_invalid',
    errors: fixed.map((name) => ({ pointer: `/policy/${name}`, code: 'fixed', detail: `${name} is not changed here` })),
  })
}

function stale(seen: number, now: number | null): AppError {
  const detail = now === null ? `version ${seen} is no longer the newest` : `you saw version ${seen}, ${now} serves`
  return new AppError('precondition_failed', detail, { problem: 'version_stale' })
}
