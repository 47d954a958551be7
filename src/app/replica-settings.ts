import { z } from 'zod'
import { list } from './setting-schemas.ts'

/** Copies of the database that answer reads. */
export const replicaSettings = {
  DATABASE_REPLICA_URLS: {
    schema: list
      .refine(
        (urls) => urls.every((url) => /^postgres(ql)?:\/\/./.test(url) && URL.canParse(url)),
        'postgres:// addresses',
      )
      .default([]),
    example: 'postgres://smartreturns@10.0.0.2:5432/smartreturns',
    says: 'Streaming replicas of DATABASE_URL, separated by commas: lists, the board and figures are read from them, by whoever has written nothing that they lack',
  },
  SMARTRETURNS_REPLICA_LAG_SECONDS: {
    schema: z.coerce.number().min(0.1).max(3600).default(10),
    example: '10',
    says: 'How far behind a replica may be and still be read from',
  },
} as const

/** Replicas of a database that is not named. */
export function replicaProblems(values: Readonly<Record<string, unknown>>): string[] {
  const urls = values['DATABASE_REPLICA_URLS'] as readonly string[] | undefined
  if (urls === undefined || urls.length === 0 || values['DATABASE_URL'] !== undefined) return []
  return ['DATABASE_REPLICA_URLS: replicas need DATABASE_URL, the server that they follow']
}
