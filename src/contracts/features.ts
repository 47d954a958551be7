import { z } from 'zod'

/** Shape of `data/features/returns.v1.json`, the one contract of what models may look at. */

const common = {
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  group: z.enum(['item', 'return', 'customer', 'photos', 'check', 'market', 'hub', 'calendar']),
  unit: z.string(),
  missing: z.literal('NaN'),
  knownAt: z.enum(['t0', 't1']),
  /** Where the value comes from, as of the decision. */
  source: z.string(),
  meaning: z.string(),
}
export const featureSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...common, type: z.literal('number') }),
  z.strictObject({ ...common, type: z.literal('boolean'), codes: z.array(z.string()).min(1).optional() }),
  z.strictObject({ ...common, type: z.enum(['category', 'ordinal']), values: z.array(z.string()).min(2) }),
])
export type Feature = z.infer<typeof featureSchema>

export const featureContractSchema = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    licence: z.string(),
    source: z.string(),
    rule: z.string(),
    /** Days that shops plan for, in order. */
    festivals: z.array(z.iso.date()).min(1),
    features: z.array(featureSchema).min(1),
  })
  .refine(({ features }) => new Set(features.map((f) => f.name)).size === features.length, {
    error: 'a feature stands in the contract once',
  })

/** The contract with the SHA-256 (hex) of its file: a model made for another hash is refused. */
export type FeatureContract = z.infer<typeof featureContractSchema> & { readonly hash: string }
