import { z } from 'zod'
import { roleSchema } from './codes.ts'
import { idSchema, pageOf, text, timeSchema } from './common.ts'

export const userSchema = z
  .strictObject({
    id: idSchema,
    email: z.string(),
    name: z.string(),
    role: roleSchema,
    hubIds: z.array(idSchema),
    clientIds: z.array(idSchema),
    isActive: z.boolean(),
    isDemo: z.boolean(),
    hasPassword: z
      .boolean()
      .meta({ description: 'False for who was invited and has not come yet, or signs in by a company' }),
    hasSecondFactor: z.boolean(),
    version: z.int(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'User' })
export const userPageSchema = pageOf(userSchema, 'UserPage')

const bindings = {
  hubIds: z
    .array(idSchema)
    .max(1000)
    .meta({ description: 'Hubs that a worker or manager works at; another role without any reads all' }),
  clientIds: z
    .array(idSchema)
    .max(1000)
    .meta({ description: 'Clients; none means all, but for a client viewer, who then sees nothing' }),
}
export const userCreateSchema = z
  .strictObject({
    email: z.email().max(254),
    name: text(200),
    role: roleSchema,
    password: z
      .string()
      .max(1024)
      .optional()
      .meta({ description: 'Left out: the person gets a letter with a one-time link to choose one' }),
    hubIds: bindings.hubIds.default([]),
    clientIds: bindings.clientIds.default([]),
  })
  .meta({
    id: 'UserCreate',
    examples: [
      {
        email: 'asha@example.com',
        name: 'Asha K.',
        role: 'worker',
        hubIds: ['01920000-0000-7000-8000-000000000001'],
      },
    ],
  })
export const userUpdateSchema = z
  .strictObject({
    name: text(200).optional(),
    role: roleSchema.optional(),
    password: z.string().max(1024).optional(),
    isActive: z.boolean().optional(),
    hubIds: bindings.hubIds.optional(),
    clientIds: bindings.clientIds.optional(),
  })
  .meta({ id: 'UserUpdate', examples: [{ role: 'manager' }] })

export const apiKeySchema = z
  .strictObject({
    id: z.string(),
    environment: z.enum(['live', 'test']),
    name: z.string(),
    clientId: idSchema,
    hubIds: z.array(idSchema).meta({ description: 'Hubs that the key is bound to; none means all' }),
    scopes: z.array(z.string()),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    lastUsedAt: timeSchema.nullable(),
    revokedAt: timeSchema.nullable(),
  })
  .meta({ id: 'ApiKey' })
export const apiKeyListSchema = z.strictObject({ data: z.array(apiKeySchema) }).meta({ id: 'ApiKeyList' })
export const apiKeyCreatedSchema = z
  .strictObject({ ...apiKeySchema.shape, key: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'ApiKeyCreated' })
export const apiKeyCreateSchema = z
  .strictObject({
    name: text(120),
    clientId: idSchema,
    environment: z.enum(['live', 'test']).default('live'),
    scopes: z.array(z.string()).min(1).max(40),
    hubIds: z.array(idSchema).max(100).default([]),
    expiresInDays: z.int().min(1).max(365).default(90),
  })
  .meta({
    id: 'ApiKeyCreate',
    examples: [
      {
        name: 'Shop integration',
        clientId: '01920000-0000-7000-8000-000000000001',
        scopes: ['returns:create', 'returns:read'],
      },
    ],
  })
export const apiKeyRotateSchema = z
  .strictObject({
    overlapHours: z
      .int()
      .min(0)
      .max(168)
      .default(24)
      .meta({ description: 'How long the old key still works beside the new one' }),
  })
  .meta({ id: 'ApiKeyRotate', examples: [{ overlapHours: 24 }] })
