import { z } from 'zod'

/** Where stored files are when they are not on the disk of this machine. */
export const s3Settings = {
  SMARTRETURNS_S3_BUCKET: {
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
      .optional(),
    example: 'smartreturns-files',
    says: 'Bucket for stored files (photos, reports, imports, models), which are encrypted here; the data folder when absent. For this program alone',
  },
  SMARTRETURNS_S3_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    example: 'https://s3.example.com',
    says: 'Server that speaks the S3 API; that of Amazon for the region when absent',
  },
  SMARTRETURNS_S3_REGION: {
    schema: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .default('us-east-1'),
    example: 'ap-south-1',
    says: 'Region of the bucket',
  },
  SMARTRETURNS_S3_KEY_ID: {
    schema: z.string().min(1).optional(),
    example: 'an id of an access key',
    says: 'Access key for the bucket; the role of the machine or the pod when absent',
  },
  SMARTRETURNS_S3_SECRET_KEY: {
    schema: z.string().min(1).optional(),
    example: 'the secret of that access key',
    says: 'Secret of the access key',
  },
} as const

/** Settings that are each fine and together are not. */
export function s3Problems(values: Readonly<Record<string, unknown>>): string[] {
  const has = (name: keyof typeof s3Settings) => values[name] !== undefined
  const problems: string[] = []
  if (has('SMARTRETURNS_S3_KEY_ID') !== has('SMARTRETURNS_S3_SECRET_KEY'))
    problems.push('SMARTRETURNS_S3_KEY_ID and SMARTRETURNS_S3_SECRET_KEY: one of the two alone is nothing')
  if (!has('SMARTRETURNS_S3_BUCKET') && (has('SMARTRETURNS_S3_URL') || has('SMARTRETURNS_S3_KEY_ID')))
    problems.push('SMARTRETURNS_S3_BUCKET: the other settings of S3 are there, and no bucket is named')
  return problems
}
