import { z } from 'zod'
import { timeSchema } from './common.ts'
import type { DecisionData } from './decision.ts'
import { policyParts } from './decision-policy-parts.ts'

/** The numbers and rules that decide, as an administrator changes them: each change is a version of its own. */

export const policyValueChangeSchema = z
  .strictObject({
    pointer: z.string().meta({ description: 'Elements of lists by their names, as /policy/parameters/lambdaE/value' }),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'PolicyValueChange' })
export type PolicyValueChange = z.infer<typeof policyValueChangeSchema>

export const decisionPolicySchema = z
  .strictObject({
    version: z.int().meta({ description: '0: as the program ships it' }),
    /** Why the newest version does not serve here, and what ships does. */
    refused: z.string().nullable(),
    files: z.record(z.enum(policyParts), z.unknown()).meta({ description: 'What serves, whole, by file' }),
  })
  .meta({ id: 'DecisionPolicy' })
export type DecisionPolicy = z.infer<typeof decisionPolicySchema>

export const policyVersionSchema = z
  .strictObject({
    version: z.int(),
    at: timeSchema,
    by: z.string(),
    byName: z.string().nullable(),
    reason: z.string(),
    changes: z.array(policyValueChangeSchema),
  })
  .meta({ id: 'PolicyVersion' })
export type PolicyVersion = z.infer<typeof policyVersionSchema>
export const policyVersionListSchema = z.strictObject({ data: z.array(policyVersionSchema) }).meta({
  id: 'PolicyVersions',
})

export const policyEditSchema = z
  .strictObject({
    policy: z.record(z.string(), z.unknown()).meta({
      description: 'Changed parts by file as JSON merge patch on what serves; elements of lists by their names',
    }),
    reason: z.string().trim().min(3).max(500),
  })
  .meta({
    id: 'PolicyEdit',
    examples: [{ policy: { policy: { parameters: { lambdaE: { value: 500 } } } }, reason: 'price of carbon for 2027' }],
  })
export type PolicyEdit = z.infer<typeof policyEditSchema>

/** What serves in this process. `decision` is the same object until another version serves. */
export type LivePolicy = {
  readonly decision: () => DecisionData
  readonly serving: () => { readonly version: number; readonly refused: string | null }
  /** Takes in what another process, or this one, has changed. */
  readonly refresh: () => Promise<void>
}
