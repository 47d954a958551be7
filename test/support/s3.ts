import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { randomBytes } from 'node:crypto'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { S3Settings } from '#platform/blobs/s3.ts'

export const s3Keys = { accessKeyId: 'test', secretAccessKey: 'test-secret' }

/** A new bucket at the S3 server of the engines. */
export async function newBucket(url: string, options: { readonly isVersioned?: boolean } = {}) {
  const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials: s3Keys })
  const bucket = `test-${randomBytes(8).toString('hex')}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  if (options.isVersioned === true)
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
  const settings: S3Settings = { bucket, endpoint: url, region: 'us-east-1', credentials: s3Keys }
  return {
    bucket,
    settings,
    env: {
      SMARTRETURNS_S3_BUCKET: bucket,
      SMARTRETURNS_S3_URL: url,
      SMARTRETURNS_S3_KEY_ID: s3Keys.accessKeyId,
      SMARTRETURNS_S3_SECRET_KEY: s3Keys.secretAccessKey,
    },
    /** All versions of all objects, and the marks of deleted ones. */
    versions: async (): Promise<string[]> => {
      const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }))
      return [...Versions, ...DeleteMarkers].map(({ Key }) => Key!)
    },
  }
}

/** A way to a server that can be cut, or go silent. */
export async function openWay(t: Pick<TestContext, 'after'>, to: string) {
  const { hostname, port } = new URL(to)
  const sockets = new Set<Socket>()
  const state = { is: 'open' as 'open' | 'cut' | 'silent' }
  const server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => undefined).on('close', () => sockets.delete(near))
    if (state.is === 'cut') near.destroy()
    if (state.is !== 'open') return
    const far = connect(Number(port), hostname)
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('data', (bytes) => state.is === 'open' && near.write(bytes))
    near.on('data', (bytes) => state.is === 'open' && far.write(bytes))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const closeSockets = () => {
    for (const socket of sockets) socket.destroy()
  }
  t.after(() => {
    closeSockets()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (is: typeof state.is) => {
      state.is = is
      if (is !== 'silent') closeSockets()
    },
  }
}
