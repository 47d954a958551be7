import { join } from 'node:path'
import { openDiskBlobs } from '#platform/blobs/disk.ts'
import type { Blobs } from '#platform/blobs/port.ts'
import { openS3Blobs } from '#platform/blobs/s3.ts'
import { sealOnce } from '#platform/blobs/seal-once.ts'
import { openSealedBlobs } from '#platform/blobs/sealed.ts'
import type { Database } from '#platform/db/port.ts'
import type { Policies } from '#platform/resilience/registry.ts'
import type { BlobKeys } from '#platform/secrets/port.ts'
import type { Config } from './config.ts'

/** Stored files as they lie there, encrypted: what a backup holds. */
export function openStoredFiles(config: Config, bucket = config.SMARTRETURNS_S3_BUCKET, policies?: Policies): Blobs {
  if (bucket === undefined) return openDiskBlobs(join(config.dataFolder, 'blobs'))
  const { SMARTRETURNS_S3_KEY_ID: accessKeyId, SMARTRETURNS_S3_SECRET_KEY: secretAccessKey } = config
  return openS3Blobs({
    bucket,
    guard: policies?.open,
    endpoint: config.SMARTRETURNS_S3_URL,
    region: config.SMARTRETURNS_S3_REGION,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey },
  })
}

/** Stored files, read and written in clear. */
export async function openBlobs(
  config: Config,
  db: Database,
  keys: BlobKeys,
  at: Date,
  policies: Policies,
): Promise<Blobs> {
  const blobs = openSealedBlobs(openStoredFiles(config, config.SMARTRETURNS_S3_BUCKET, policies), keys)
  await sealOnce(db, blobs, at)
  return blobs
}
