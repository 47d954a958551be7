import { z } from 'zod'
import { roles } from './codes.ts'

/** Who handed something in that a job does later. `null` lists mean "all". */
export const jobActorSchema = z.strictObject({
  kind: z.enum(['user', 'api_key', 'system']),
  id: z.string(),
  role: z.enum([...roles, 'integration', 'system']),
  hubIds: z.array(z.string()).nullable(),
  clientIds: z.array(z.string()).nullable(),
})
