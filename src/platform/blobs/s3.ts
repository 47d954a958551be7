import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type CompletedPart,
  type S3ServiceException,
} from '@aws-sdk/client-s3'
import { AppError } from '#kernel/errors.ts'
import { openPolicy, type Policy, type PolicySettings } from '../resilience/policies.ts'
import { checkKind, isKey, splitKey } from './keys.ts'
import type { Blobs } from './port.ts'

export type S3Settings = {
  readonly bucket: string
  /** Of a server that speaks the API; Amazon's own when absent. */
  readonly endpoint: string | undefined
  readonly region: string
  /** The surroundings' (role of the machine, of the pod) when absent. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /** For one call, its retries included; the bytes of one answer may take longer while they flow. */
  readonly timeoutMs?: number
  /** Where its policy is kept among others; on its own when absent. */
  readonly guard?: ((settings: PolicySettings) => Policy) | undefined
}

/** What is larger goes in parts of this size, so that one part stands in memory. The API wants 5 MiB at least. */
const partBytes = 8 * 1_048_576
const connectMs = 1500
const retryAfterSeconds = 10
const notThere: readonly string[] = ['NoSuchKey', 'NotFound', 'NoSuchUpload']

/**
 * Objects of one bucket, named by our keys. A write is whole or not there, as the API promises. Where the bucket keeps old
 * versions, `remove` takes every version away: what is erased must not stay behind one.
 */
export function openS3Blobs(settings: S3Settings): Blobs {
  const { bucket: Bucket, endpoint, timeoutMs = 15_000, guard = openPolicy } = settings
  const client = new S3Client({
    region: settings.region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
    // Retries are the policy's.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: connectMs, socketTimeout: timeoutMs },
    // What is stored is sealed, and a changed byte is found so; not every server knows these checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const policy = guard({
    name: 'object store',
    timeoutMs,
    breaker: { failures: 10, withinMs: 30_000, halfOpenAfterMs: 5000 },
    retry: { attemptsMax: 2, firstWaitMs: 100, budgetShare: 0.1, isTransient },
    bulkhead: { concurrentMax: 64, queueMax: 256 },
  })
  const unavailable = (cause: unknown) => {
    const { name, message } = cause as Error
    // An SDK's words may hold addresses and key names: they go to the log as the cause.
    const why = cause instanceof AppError ? message : name
    return new AppError('unavailable', `the store of files does not answer (${why})`, {
      problem: 'blobs_unavailable',
      retryAfterSeconds,
      cause,
    })
  }
  /** Null where there is no such object. */
  const call = async <T>(work: (options: { readonly abortSignal: AbortSignal }) => Promise<T>): Promise<T | null> => {
    try {
      return await policy.run(async (abortSignal) => {
        try {
          return await work({ abortSignal })
        } catch (error) {
          if (notThere.includes((error as Error).name)) return null
          throw error
        }
      })
    } catch (error) {
      throw unavailable(error)
    }
  }
  const keyOf = (key: string) => splitKey(key).join('/')
  const put = (Key: string, Body: Uint8Array) =>
    call((options) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/octet-stream' }), options),
    )

  async function putParts(Key: string, parts: AsyncIterator<Buffer>, first: Buffer): Promise<void> {
    const started = await call((options) =>
      client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'application/octet-stream' }), options),
    )
    const upload = { Bucket, Key, UploadId: started?.UploadId }
    try {
      const done: CompletedPart[] = []
      for (let part: Buffer | null = first; part !== null; part = await nextOf(parts)) {
        const [Body, PartNumber] = [part, done.length + 1]
        const sent = await call((options) =>
          client.send(new UploadPartCommand({ ...upload, PartNumber, Body }), options),
        )
        if (sent === null) throw unavailable(new Error('the upload is not known'))
        done.push({ PartNumber, ETag: sent.ETag })
      }
      const whole = await call((options) =>
        client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: done } }), options),
      )
      if (whole === null) throw unavailable(new Error('the upload is not known'))
    } catch (error) {
      // Parts that nobody completes are no object; a rule of the bucket takes away what a lost connection leaves.
      await client
        .send(new AbortMultipartUploadCommand(upload), { abortSignal: AbortSignal.timeout(connectMs) })
        .catch(() => undefined)
      throw error
    }
  }

  let versioned: Promise<boolean> | null = null
  /** Also a bucket whose versioning is suspended has old versions. */
  const hasVersions = () => {
    versioned ??= call((options) => client.send(new GetBucketVersioningCommand({ Bucket }), options)).then(
      (answer) => answer?.Status !== undefined,
    )
    versioned.catch(() => (versioned = null))
    return versioned
  }
  async function removeVersions(key: string): Promise<void> {
    for (;;) {
      const found = await call((options) =>
        client.send(new ListObjectVersionsCommand({ Bucket, Prefix: key, MaxKeys: 1000 }), options),
      )
      const all = [...(found?.Versions ?? []), ...(found?.DeleteMarkers ?? [])].filter(({ Key }) => Key === key)
      if (all.length === 0) return
      for (const { Key, VersionId } of all)
        await call((options) => client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }), options))
    }
  }

  const stream = async (key: string): Promise<AsyncIterable<Uint8Array> | null> => {
    const Key = keyOf(key)
    const found = await call((options) => client.send(new GetObjectCommand({ Bucket, Key }), options))
    if (found === null) return null
    return piecesOf(found.Body as AsyncIterable<Uint8Array>, unavailable)
  }

  return {
    engine: 's3',
    write: async (key, bytes) => {
      const Key = keyOf(key)
      if (bytes instanceof Uint8Array && bytes.length <= partBytes) {
        await put(Key, bytes)
        return
      }
      const parts = partsOf(bytes instanceof Uint8Array ? [bytes] : bytes)
      const first = (await nextOf(parts)) ?? Buffer.alloc(0)
      if (first.length < partBytes) await put(Key, first)
      else await putParts(Key, parts, first)
    },
    read: async (key) => {
      const chunks = await stream(key)
      if (chunks === null) return null
      const held: Uint8Array[] = []
      for await (const chunk of chunks) held.push(chunk)
      return Buffer.concat(held)
    },
    stream,
    remove: async (key) => {
      const Key = keyOf(key)
      if (await hasVersions()) await removeVersions(Key)
      else await call((options) => client.send(new DeleteObjectCommand({ Bucket, Key }), options))
    },
    list: async function* (only) {
      checkKind(only)
      let token: string | undefined
      do {
        const input = { Bucket, Prefix: only === undefined ? '' : `${only}/`, ContinuationToken: token }
        const page = await call((options) => client.send(new ListObjectsV2Command(input), options))
        for (const { Key = '' } of page?.Contents ?? []) if (isKey(Key)) yield Key
        token = page?.NextContinuationToken
      } while (token !== undefined)
    },
    rewrap: () => Promise.resolve(false),
    close: () => {
      client.destroy()
      return Promise.resolve()
    },
  }
}

function isTransient(error: unknown): boolean {
  const status = (error as Partial<S3ServiceException>).$metadata?.httpStatusCode
  // No status: no answer came.
  return status === undefined || status === 429 || status >= 500
}

async function nextOf(parts: AsyncIterator<Buffer>): Promise<Buffer | null> {
  const next = await parts.next()
  return next.done === true ? null : next.value
}

/** Pieces of any size as parts of one size; the last may be smaller. */
async function* partsOf(bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const piece of bytes) {
    for (let from = 0; from < piece.length;) {
      const taken = piece.subarray(from, from + partBytes - length)
      held.push(taken)
      length += taken.length
      from += taken.length
      if (length < partBytes) continue
      yield Buffer.concat(held)
      held = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(held)
}

async function* piecesOf(
  body: AsyncIterable<Uint8Array>,
  unavailable: (cause: unknown) => AppError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw unavailable(error)
  }
}
