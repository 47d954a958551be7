import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { runCommandLine } from '#cli/main.ts'
import { declaredRoutes, permissionsDocument } from '#gateway/permissions-doc.ts'
import type { Blobs } from '#platform/blobs/port.ts'
import type { Access } from '#platform/db/access.ts'
import { inspectDatabase } from '#platform/db/inspect.ts'
import { pendingMigrations } from '#platform/db/migrate.ts'
import type { Database } from '#platform/db/port.ts'
import { openPolicies, type Policies } from '#platform/resilience/registry.ts'
import { openLog } from '#platform/telemetry/log.ts'
import { openMetrics } from '#platform/telemetry/metrics.ts'
import { backup, restore } from './backup.ts'
import { compose } from './compose.ts'
import { envExample, readConfig, unknownSettings, type Config } from './config.ts'
import { engineLines, policyLines } from './engines.ts'
import { inspectInference } from './inspect-inference.ts'
import { openLaboratory } from './laboratory.ts'
import { openBlobs } from './open-blobs.ts'
import { openDatabase } from './open-database.ts'
import { openServer } from './open-server.ts'
import { openRegistry } from './open-registry.ts'
import { openConfiguredSecrets } from './open-secrets.ts'
import { openText } from './open-text.ts'
import { readReference } from './reference.ts'

const toStderr = (line: string) => process.stderr.write(`${line}\n`)
const config = (): Config => readConfig()

type Line = { readonly what: string; readonly state: 'ok' | 'wrong' | 'note'; readonly detail: string }

function masterKeyFileLine(file: string): Line {
  const line = (state: Line['state'], detail: string): Line => ({ what: 'master key', state, detail })
  if (!existsSync(file)) return line('note', `${file} will be made at the first start`)
  return (statSync(file).mode & 0o077) === 0 ? line('ok', file) : line('wrong', `others can read ${file}: chmod 600 it`)
}

/** The stored files, where the keys open; what is wrong with the keys becomes a line. Makes no key. */
async function inspectKeys(settings: Config, db: Database, lines: Line[], policies: Policies): Promise<Blobs | null> {
  if (settings.SMARTRETURNS_VAULT_URL === undefined && !existsSync(settings.masterKeyFile)) return null
  try {
    const secrets = await openConfiguredSecrets(settings, db, Date.now)
    return await openBlobs(settings, db, secrets, new Date(), policies)
  } catch (error) {
    lines.push({ what: 'keys', state: 'wrong', detail: (error as Error).message })
    return null
  }
}

/** Whether the database itself keeps callers to their own rows. */
function accessLine(access: Access | null): Line {
  if (access === null) return { what: 'row security', state: 'note', detail: 'comes with the pending migrations' }
  if (access.isEnforced)
    return {
      what: 'row security',
      state: 'ok',
      detail: 'requests run as smartreturns_app, bound callers with own rows',
    }
  const detail = `this login may not make the application's roles, so only the program keeps clients and hubs apart; let an administrator run: ${access.sql}`
  return { what: 'row security', state: 'wrong', detail }
}

async function doctor(): Promise<Line[]> {
  const settings = config()
  const lines: Line[] = unknownSettings().map((detail) => ({ what: 'setting', state: 'wrong', detail }))
  lines.push({
    what: 'node',
    state: Number(process.versions.node.split('.')[0]) >= 24 ? 'ok' : 'wrong',
    detail: process.versions.node,
  })
  lines.push({ what: 'data folder', state: 'ok', detail: settings.dataFolder })
  if (settings.SMARTRETURNS_VAULT_URL === undefined) lines.push(masterKeyFileLine(settings.masterKeyFile))
  try {
    const database = await openDatabase(settings, { share: true, say: toStderr })
    try {
      const { version, events } = await inspectDatabase(database.db)
      lines.push({ what: 'database', state: 'ok', detail: `PostgreSQL ${version}, ${events} events` })
      lines.push(accessLine(database.access))
      const pending = await pendingMigrations(database.db, settings.migrationsFolder)
      if (pending.length > 0)
        lines.push({
          what: 'schema',
          state: 'wrong',
          detail: `${pending.length} migrations are pending: smartreturns migrate`,
        })
      const reference = await readReference(settings.referenceFolder)
      const { db } = database
      const metrics = openMetrics()
      const policies = openPolicies({ log: openLog({ level: 'error', isTerminal: false }), metrics })
      const blobs = pending.length > 0 ? null : await inspectKeys(settings, db, lines, policies)
      const registry = blobs === null ? null : openRegistry(settings, { db, blobs, metrics, policies })
      const inference = await inspectInference(settings, reference, registry)
      const place = { engine: db.engine, place: database.place }
      const text = await openText(settings, reference).catch((error: unknown) => {
        lines.push({ what: 'text', state: 'wrong', detail: (error as Error).message })
        return null
      })
      for (const { port, engine, why } of engineLines(settings, place, inference.levels, text))
        lines.push({ what: port, state: 'ok', detail: `${engine} (${why})` })
      lines.push(...inference.lines, ...policyLines(policies))
    } finally {
      await database.db.close()
    }
  } catch (error) {
    lines.push({ what: 'database', state: 'wrong', detail: (error as Error).message })
  }
  return lines
}

/** From the routes as a server would serve them. */
async function permissions(): Promise<string> {
  const settings: Config = { ...config(), SMARTRETURNS_LOG: 'error' }
  const composed = await compose(settings, { share: true, say: toStderr })
  try {
    const server = await openServer(settings, composed, { web: null, isDraining: () => false, hasApi: true })
    const answer = await server.inject('/api/openapi.json')
    await server.close()
    return permissionsDocument(declaredRoutes(answer.json()))
  } finally {
    await composed.close()
  }
}

process.exitCode = await runCommandLine(
  {
    open: () => compose(config(), { share: true, say: toStderr }),
    openKeys: () => compose(config(), { share: true, say: toStderr }),
    migrate: async (plan) => {
      const settings = config()
      const database = await openDatabase(settings, { share: true, say: toStderr, onlyPlan: plan })
      try {
        return plan
          ? (await pendingMigrations(database.db, settings.migrationsFolder)).map((m) => m.name)
          : database.applied
      } finally {
        await database.db.close()
      }
    },
    doctor,
    laboratory: () => openLaboratory(config().referenceFolder),
    envExample,
    permissions,
    backup: (folder, say) => backup(config(), folder, say),
    restore: (file, dataFolder, erasures, say) => {
      const settings = config()
      return restore({ ...settings, dataFolder: resolve(dataFolder) }, file, erasures ?? settings.dataFolder, say)
    },
    version: '0.1.0',
  },
  process.argv.slice(2),
)
// Pools and queues are closed by now; what still holds the loop is a library's timer.
process.exit()
