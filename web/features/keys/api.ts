import type { z } from 'zod'
import type { apiKeyCreatedSchema, apiKeySchema } from '../../../src/contracts/users.ts'
import { read } from '../../lib/api.ts'

export type ApiKey = z.infer<typeof apiKeySchema>
export type ApiKeyWithText = z.infer<typeof apiKeyCreatedSchema>

export const apiKeyKeys = { all: ['api-keys'] as const }

export async function readApiKeys(signal: AbortSignal): Promise<readonly ApiKey[]> {
  return (await read<{ data: ApiKey[] }>('/api/api-keys', signal)).data
}
