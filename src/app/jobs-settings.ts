import { z } from 'zod'

/** Where jobs wait. */
export const jobsSettings = {
  SMARTRETURNS_JOBS: {
    schema: z.enum(['database', 'redis', 'rabbitmq']).default('database'),
    example: 'redis',
    says: 'Where jobs wait: in our database; by BullMQ in the Redis of REDIS_URL, which must then keep what it was told (appendonly yes); or in the RabbitMQ of RABBIT_URL',
  },
  RABBIT_URL: {
    schema: z.url({ protocol: /^amqps?$/ }).optional(),
    example: 'amqp://smartreturns:password@127.0.0.1:5672',
    says: 'RabbitMQ 3.10 or newer for jobs, where SMARTRETURNS_JOBS is rabbitmq; its path names the virtual host',
  },
} as const

/** An engine whose server is not named. */
export function jobsProblems(values: Readonly<Record<string, unknown>>): string[] {
  const address = { redis: 'REDIS_URL', rabbitmq: 'RABBIT_URL' }[String(values['SMARTRETURNS_JOBS'])]
  if (address === undefined || values[address] !== undefined) return []
  return [`SMARTRETURNS_JOBS=${String(values['SMARTRETURNS_JOBS'])} needs ${address}, the server where jobs wait`]
}
