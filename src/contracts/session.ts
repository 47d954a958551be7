import { z } from 'zod'
import { roleSchema } from './codes.ts'
import { idSchema, timeSchema } from './common.ts'

export const loginRequestSchema = z
  .strictObject({ email: z.email().max(254), password: z.string().min(1).max(1024) })
  .meta({
    id: 'LoginRequest',
    examples: [{ email: 'asha@demo.smartreturns.local', password: 'demo asha counts parcels' }],
  })

export const meSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['user', 'api_key']),
    name: z.string(),
    email: z.string().nullable(),
    role: z.union([roleSchema, z.literal('integration')]),
    permissions: z.array(z.string()),
    hubIds: z.array(idSchema).nullable().meta({ description: 'Null: all' }),
    clientIds: z.array(idSchema).nullable().meta({ description: 'Null: all' }),
  })
  .meta({ id: 'Me' })
export type Me = z.infer<typeof meSchema>

export const sessionTokensSchema = z
  .strictObject({
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresIn: z.int().meta({ description: 'Seconds' }),
    user: meSchema,
  })
  .meta({ id: 'SessionTokens', description: 'A browser gets the same as httpOnly cookies' })

export const refreshRequestSchema = z
  .strictObject({ refreshToken: z.string().max(200).optional() })
  .meta({ id: 'RefreshRequest', examples: [{ refreshToken: 'srr_…' }] })

export const sessionSchema = z
  .strictObject({
    id: idSchema,
    createdAt: timeSchema,
    lastUsedAt: timeSchema,
    expiresAt: timeSchema,
    agent: z.string().nullable(),
    isCurrent: z.boolean(),
  })
  .meta({ id: 'Session' })

export const passwordRequestSchema = z
  .strictObject({ current: z.string().max(1024), password: z.string().max(1024) })
  .meta({
    id: 'PasswordRequest',
    examples: [{ current: 'the old pass phrase', password: 'a new pass phrase of mine' }],
  })

export const demoUsersSchema = z
  .strictObject({
    users: z.array(z.strictObject({ label: z.string(), role: roleSchema, email: z.string(), password: z.string() })),
  })
  .meta({ id: 'DemoUsers' })
