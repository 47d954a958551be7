import { join } from 'node:path'
import type { Commands } from '#contracts/commands.ts'
import type { Context } from '#context.ts'
import { openCommands } from '#flows/open-commands.ts'
import { recordReference } from '#flows/record-reference.ts'
import { openPinTable } from '#integrations/geocoder/pin-table.ts'
import { openGuardedOutbound } from '#integrations/outbound/guarded.ts'
import { openHaversine } from '#integrations/routing/haversine.ts'
import { openOutboxMail } from '#integrations/mail/outbox.ts'
import type { Login } from '#platform/auth/login.ts'
import { openVault } from '#platform/auth/vault.ts'
import { openEventLog } from '#platform/events/store.ts'
import type { Buckets } from '#platform/limits/port.ts'
import type { LocalSecrets } from '#platform/secrets/local.ts'
import { openPolicies } from '#platform/resilience/registry.ts'
import { openLog } from '#platform/telemetry/log.ts'
import { openMetrics } from '#platform/telemetry/metrics.ts'
import { openLivePolicy } from '#services/recommendation/index.ts'
import { readShippedMappings, recordShippedMappings } from '#services/returns/index.ts'
import type { Config } from './config.ts'
import { openConfiguredCache } from './open-cache.ts'
import { openAudit, type Audit } from './open-audit.ts'
import { openBlobs } from './open-blobs.ts'
import { openDatabase, type OpenedDatabase } from './open-database.ts'
import { openDrift } from './open-drift.ts'
import { openFeatures } from './open-features.ts'
import { openInference } from './open-inference.ts'
import { openJobs } from './open-jobs.ts'
import { openLimits } from './open-limits.ts'
import { openLogin, readProviders } from './open-login.ts'
import { openModels } from './open-models.ts'
import { openRegistry } from './open-registry.ts'
import { openConfiguredSecrets } from './open-secrets.ts'
import { openText } from './open-text.ts'
import { readReference } from './reference.ts'

/** How soon a model that another process has promoted serves here too. */
const championPollMs = 30_000
/** The same of a changed policy; one look at an index. */
const policyPollMs = 2000

export type Composed = {
  readonly ctx: Context & { readonly secrets: LocalSecrets }
  readonly commands: Commands
  readonly login: Login
  readonly audit: Audit
  readonly limits: Buckets
  readonly database: OpenedDatabase
  readonly close: () => Promise<void>
}

/** Wires every port to its engine. Nothing else opens a connection or reads a setting. `share`: see `openDatabase`. */
export async function compose(
  config: Config,
  options: { readonly share: boolean; readonly say: (line: string) => void },
): Promise<Composed> {
  const now = Date.now
  // What is quickly refused is refused first.
  const providers = readProviders(config)
  const log = openLog({ level: config.SMARTRETURNS_LOG, isTerminal: process.stderr.isTTY })
  const [shippedReference, geocoder] = await Promise.all([
    readReference(config.referenceFolder),
    openPinTable(join(config.referenceFolder, 'pincodes', 'pincodes.csv')),
  ])
  const text = await openText(config, shippedReference)
  const database = await openDatabase(config, options)
  const { db } = database
  const closers: (() => Promise<void>)[] = [() => db.close()]
  const closeAll = async () => {
    for (const close of closers.toReversed()) await close()
  }
  try {
    const secrets = await openConfiguredSecrets(config, db, now)
    const vault = await openVault(db, secrets, new Date(now()))
    const jobs = await openJobs(config, { database, log })
    closers.push(() => jobs.close())
    const cache = await openConfiguredCache(config, { log, now })
    closers.push(() => cache.close())
    const limits = await openLimits(config, { log, now })
    closers.push(() => limits.close())
    const metrics = openMetrics()
    const policies = openPolicies({ log, metrics })
    const blobs = await openBlobs(config, db, secrets, new Date(now()), policies)
    closers.push(() => blobs.close())
    const { policy, reference } = await openLivePolicy({ db, log }, shippedReference)
    const { models, champion, calibrationOf } = await openModels({
      registry: openRegistry(config, { db, blobs, metrics, policies }),
      contract: reference.features,
      shippedFolder: config.SMARTRETURNS_MODEL,
      placesFolder: join(config.dataFolder, 'models'),
      log,
      now,
    })
    const inference = openInference(config, reference, champion, calibrationOf, { log, metrics }, policies)
    closers.push(() => inference.close())
    const watch = setInterval(() => void models.refresh(), championPollMs).unref()
    closers.push(() => Promise.resolve(clearInterval(watch)))
    const policyWatch = setInterval(() => {
      policy.refresh().catch((error: unknown) => log.warn({ err: error }, 'the decision policy could not be read'))
    }, policyPollMs).unref()
    closers.push(() => Promise.resolve(clearInterval(policyWatch)))
    const ctx = {
      db,
      events: openEventLog(db),
      jobs,
      cache,
      blobs,
      secrets,
      log,
      metrics,
      geocoder,
      routing: openHaversine(),
      mail: openOutboxMail({ db, sealing: vault, now }),
      outbound: openGuardedOutbound({ allowsLoopback: config.SMARTRETURNS_OUTBOUND_LOOPBACK, metrics }),
      text,
      inference,
      models,
      drift: openDrift(config, reference.features, now),
      features: openFeatures(config, { db, contract: reference.features, metrics, policies }),
      reference,
      policy,
      now,
    }
    await recordReference(ctx)
    await recordShippedMappings(
      db,
      await readShippedMappings(join(config.referenceFolder, 'mappings')),
      new Date(now()),
    )
    const audit = await openAudit(config, ctx)
    closers.push(() => audit.refusals.close())
    const { events, mail } = ctx
    const nameOf = (email: string) => secrets.personId('login', email)
    const login = await openLogin(config, { db, events, box: secrets, vault, mail, providers, nameOf, now })
    return {
      ctx,
      commands: openCommands(ctx),
      login,
      audit,
      limits,
      database,
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
