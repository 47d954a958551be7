import { z } from 'zod'
import { idSchema } from './common.ts'

/** Moves of one plan, and of one commit. */
export const movesMax = 200

const moveSchema = z.strictObject({
  returnId: idSchema,
  lpn: z.string(),
  version: z.int().meta({ description: 'Of the return, as the plan saw it' }),
  fromHubId: idSchema,
  toHubId: idSchema,
  savingMinor: z.int(),
  extraKm: z.number().nullable().meta({ description: 'Null when the place of pickup is not known' }),
  reason: z.string(),
})

export const rebalanceSchema = z
  .strictObject({
    moves: z.array(moveSchema),
    savingMinor: z.int(),
    currency: z.string(),
    considered: z.int().meta({ description: 'Units on their way that were looked at' }),
    loads: z.array(
      z.strictObject({
        hubId: idSchema,
        code: z.string(),
        capacity: z.int(),
        before: z.number().meta({ description: 'used / capacity, 0..1' }),
        after: z.number(),
      }),
    ),
  })
  .meta({ id: 'RebalancePreview', description: 'A dry run: nothing is moved until it is committed' })
export type RebalancePreview = z.infer<typeof rebalanceSchema>
export type Move = RebalancePreview['moves'][number]

export const rebalanceCommitSchema = z
  .strictObject({
    moves: z
      .array(
        moveSchema
          .pick({ returnId: true, fromHubId: true, toHubId: true })
          .extend({ version: z.int().min(1).max(2_147_483_647) }),
      )
      .min(1)
      .max(movesMax),
  })
  .meta({
    id: 'RebalanceCommit',
    examples: [
      {
        moves: [
          {
            returnId: '01920000-0000-7000-8000-000000000001',
            version: 3,
            fromHubId: '01920000-0000-7000-8000-000000000002',
            toHubId: '01920000-0000-7000-8000-000000000003',
          },
        ],
      },
    ],
  })
export type RebalanceCommit = z.infer<typeof rebalanceCommitSchema>

export const rebalancedSchema = z
  .strictObject({
    moved: z.array(z.strictObject({ id: idSchema, lpn: z.string(), hubId: idSchema, version: z.int() })),
    savingMinor: z.int(),
    currency: z.string(),
  })
  .meta({ id: 'Rebalanced' })
export type Rebalanced = z.infer<typeof rebalancedSchema>
