import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTables } from '#integrations/inference/tables.ts'
import { openBuiltInDrift } from '#integrations/drift/built-in.ts'
import { openTablesFeatures } from '#integrations/feature-store/tables.ts'
import type { Models } from '#integrations/model-registry/port.ts'
import { openTablesRegistry } from '#integrations/model-registry/tables.ts'
import { openPinTable } from '#integrations/geocoder/pin-table.ts'
import { openGuardedOutbound } from '#integrations/outbound/guarded.ts'
import { openHaversine } from '#integrations/routing/haversine.ts'
import { openWords } from '#integrations/text/words.ts'
import type { Blobs } from '#platform/blobs/port.ts'
import type { Database } from '#platform/db/port.ts'
import { openEventLog } from '#platform/events/store.ts'
import type { Secrets } from '#platform/secrets/port.ts'
import type { Context } from '#context.ts'
import { recordReference } from '#flows/record-reference.ts'
import { openLivePolicy } from '#services/recommendation/index.ts'
import { openModels } from '../../src/app/open-models.ts'
import { readReference } from '../../src/app/reference.ts'
import { countingMetrics, immediateJobs, memoryBlobs, memoryMail, noCache, silentLog } from './fakes.ts'

const dataFolder = join(import.meta.dirname, '..', '..', 'data')

/** Read once a process: the reference data never changes in a test. */
let reference: ReturnType<typeof readReference> | undefined
let text: ReturnType<typeof openWords> | undefined
let geocoder: ReturnType<typeof openPinTable> | undefined

export type ContextOn<D> = Context & {
  readonly db: D
  readonly clock: { ms: number }
  readonly mail: ReturnType<typeof memoryMail>
}

/** The product's context on a database that is there already; `clock.ms` is the time, and stands still unless moved. */
export async function contextOn<D extends Database>(db: D): Promise<ContextOn<D>> {
  reference ??= readReference(dataFolder)
  geocoder ??= openPinTable(join(dataFolder, 'pincodes', 'pincodes.csv'))
  const { policy, reference: read } = await openLivePolicy({ db, log: silentLog }, await reference)
  const blobs = memoryBlobs()
  const clock = { ms: Date.parse('2026-11-20T06:00:00Z') }
  const ctx: ContextOn<D> = {
    db,
    clock,
    events: openEventLog(db),
    jobs: immediateJobs(),
    cache: noCache(),
    blobs,
    secrets: testSecrets(),
    log: silentLog,
    metrics: countingMetrics(),
    geocoder: await geocoder,
    routing: openHaversine(),
    mail: memoryMail(),
    outbound: openGuardedOutbound({ allowsLoopback: true, metrics: countingMetrics() }),
    text: await (text ??= openWords(join(dataFolder, 'text'), read.categories.keys())),
    inference: openTables(read),
    models: await testModels(db, blobs, read),
    features: openTablesFeatures(db, read.features),
    drift: [openBuiltInDrift(read.features)],
    reference: read,
    policy,
    // A clock that moves with every look finds whoever asks twice where one instant is meant.
    now: () => (clock.ms += 1),
  }
  await recordReference(ctx)
  return ctx
}

/** A registry without any model; `shippedFolder` is one that ships. */
export async function testModels(
  db: Database,
  blobs: Blobs,
  read: Awaited<ReturnType<typeof readReference>>,
  shippedFolder = join(tmpdir(), 'no model here'),
): Promise<Models> {
  const opened = await openModels({
    registry: openTablesRegistry({ db, blobs }),
    contract: read.features,
    shippedFolder,
    placesFolder: join(tmpdir(), `smartreturns-models-${process.pid}`),
    log: silentLog,
    now: Date.now,
  })
  return opened.models
}

/** Real encryption under one key for all persons: for tests that are not about keys. */
export function testSecrets(): Secrets {
  const key = randomBytes(32)
  const open: Secrets['open'] = (sealed) =>
    Promise.resolve(
      sealed.map(({ sealed: text }) => {
        const bytes = Buffer.from(text, 'base64')
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
        decipher.setAuthTag(bytes.subarray(12, 28))
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
      }),
    )
  return {
    engine: 'test',
    seal: (requests) =>
      Promise.resolve(
        requests.map(({ plain }) => {
          const nonce = randomBytes(12)
          const cipher = createCipheriv('aes-256-gcm', key, nonce)
          const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
          return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
        }),
      ),
    open,
    openRestricted: open,
    destroy: () => Promise.resolve(),
    restrict: () => Promise.resolve(),
    sealBytes: (plain) => Buffer.from(plain),
    openBytes: (sealed) => Buffer.from(sealed),
    mark: (clientId, kind, value) =>
      createHash('sha256').update(`${clientId}|${kind}|${value}`).digest('hex').slice(0, 22),
    personId: (clientId, ref) => createHash('sha256').update(`${clientId}|${ref}`).digest('hex').slice(0, 32),
    close: () => Promise.resolve(),
  }
}
