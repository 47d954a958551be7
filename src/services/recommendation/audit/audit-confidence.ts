import { basisOf } from '#contracts/packed-recommendation.ts'
import type { Context } from '#context.ts'
import { compiledFor } from '../compile.ts'
import { decide } from '../decide.ts'
import { featureRows } from '../features.ts'
import { auditItem, auditReport, type AuditItem, type AuditReport } from './audited-confidence.ts'
import { readAppraisals, type AppraisedUnit } from './audit-store.ts'

const pageUnits = 250

/** Holds the raw confidence of the engine that serves against the units of which people appraised several routes. */
export async function auditConfidence(ctx: Pick<Context, 'db' | 'inference' | 'reference'>): Promise<AuditReport> {
  const { decision, categories, features } = ctx.reference
  const compiled = compiledFor(decision, categories)
  // The share of draws as it is, before any map.
  const confidenceMap = { basis: 'none' as const, knots: [[0, 0] as [number, number], [1, 1] as [number, number]] }
  const unmapped = { ...decision, policy: { ...decision.policy, confidenceMap } }
  const items: AuditItem[] = []
  let leftOut = 0
  let after: AppraisedUnit | null = null
  for (;;) {
    const page: AppraisedUnit[] = await readAppraisals(ctx.db, after, pageUnits)
    const last = page.at(-1)
    if (last === undefined) return auditReport(items, leftOut)
    after = last
    const units = page.flatMap(({ returnId, body, appraisals }) => {
      const basis = basisOf(body, returnId)
      return basis === null ? [] : [{ item: basis.item, appraisals }]
    })
    leftOut += page.length - units.length
    if (units.length === 0) continue
    const facts = units.map((unit) => unit.item)
    const batch = await ctx.inference.predict({ items: facts, rows: featureRows(compiled, features, facts) })
    // Tables are never trusted beyond a cap; here it would hide what they say.
    const raw = decide(facts, { ...batch, level: 'L1', calibration: null }, unmapped, categories)
    units.forEach(({ appraisals }, i) => {
      const found = auditItem(raw[i]!, appraisals)
      if (found === null) leftOut++
      else items.push(found)
    })
  }
}
