import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Blobs } from '#platform/blobs/port.ts'
import type { Database, Queryable, Transaction } from '#platform/db/port.ts'
import type { AliasChange, ModelRegistry, RegisteredModel } from './port.ts'

const columns = `m.version, m.sha256, m.contract_hash as "contractHash", m.data_hash as "dataHash", m.trained_on as "trainedOn",
  m.metrics, m.registered_at as "registeredAt", m.registered_by as "registeredBy",
  coalesce((select array_agg(a.alias order by a.alias) from (select distinct on (alias) alias, version from model_aliases
    order by alias, id desc) a where a.version = m.version), '{}') as aliases`

type ModelRow = Omit<RegisteredModel, 'registeredAt'> & { readonly registeredAt: Date }

const shown = (row: ModelRow): RegisteredModel => ({ ...row, registeredAt: row.registeredAt.toISOString() })

/** Versions and aliases in our own tables, their files as blobs. */
export function openTablesRegistry({ db, blobs }: { readonly db: Database; readonly blobs: Blobs }): ModelRegistry {
  const select = async (where: string, values: readonly unknown[]): Promise<RegisteredModel[]> => {
    const rows = await db.query<ModelRow>(
      `select ${columns} from models m ${where} order by m.registered_at desc, m.version desc`,
      values,
    )
    return rows.map(shown)
  }
  const find = async (version: string) => (await select('where m.version = $1', [version]))[0] ?? null

  return {
    engine: 'tables',
    list: () => select('', []),
    find,
    byAlias: async (alias) => {
      const version = await pointedAt(db, alias)
      return version === null ? null : find(version)
    },
    register: async (facts, files, { by, at }) => {
      const known = await find(facts.version)
      if (known !== null) return sameOrRefused(known, facts.sha256)
      const stored = [...files].map(([name, bytes]) => ({ name, bytes, key: `model/${uuidv7(at.getTime())}` }))
      for (const { key, bytes } of stored) await blobs.write(key, bytes)
      await db.transaction(async (tx) => {
        await tx.query(
          `insert into models (version, sha256, contract_hash, data_hash, trained_on, metrics, registered_at, registered_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
          [
            facts.version,
            facts.sha256,
            facts.contractHash,
            facts.dataHash,
            facts.trainedOn,
            JSON.stringify(facts.metrics),
            at,
            by,
          ],
        )
        await tx.query(
          `insert into model_files (version, name, blob_key, bytes)
           select $1, name, key, bytes from unnest($2::text[], $3::text[], $4::bigint[]) as f (name, key, bytes)
           on conflict do nothing`,
          [facts.version, stored.map((f) => f.name), stored.map((f) => f.key), stored.map((f) => f.bytes.length)],
        )
      })
      return sameOrRefused((await find(facts.version))!, facts.sha256)
    },
    point: (change) => db.transaction((tx) => point(tx, change)),
    history: async (alias) => {
      const rows = await db.query<Omit<AliasChange, 'alias'>>(
        `select version, changed_by as "by", reason, is_forced as "isForced", changed_at as "at" from model_aliases
         where alias = $1 order by id desc limit 100`,
        [alias],
      )
      return rows
    },
    read: async (version) => {
      const rows = await db.query<{ name: string; key: string }>(
        `select name, blob_key as key from model_files where version = $1`,
        [version],
      )
      const files = new Map<string, Uint8Array>()
      for (const { name, key } of rows) {
        const bytes = await blobs.read(key)
        if (bytes === null)
          throw new AppError('unavailable', `model ${version}: ${name} is not in the file store`, {
            problem: 'model_incomplete',
          })
        files.set(name, bytes)
      }
      return files
    },
    close: () => Promise.resolve(),
  }
}

async function pointedAt(db: Queryable, alias: string): Promise<string | null> {
  const rows = await db.query<{ version: string }>(
    'select version from model_aliases where alias = $1 order by id desc limit 1',
    [alias],
  )
  return rows[0]?.version ?? null
}

async function point(tx: Transaction, change: AliasChange): Promise<{ readonly before: string | null }> {
  const [known] = await tx.query('select 1 from models where version = $1', [change.version])
  if (known === undefined)
    throw new AppError('not_found', `no such model: ${change.version}`, { problem: 'model_unknown' })
  // Two changes of an alias at once come one after the other, so that each knows what was before it.
  await tx.query('lock table model_aliases in share row exclusive mode')
  const before = await pointedAt(tx, change.alias)
  if (before === change.version) return { before }
  await tx.query(
    `insert into model_aliases (alias, version, reason, is_forced, changed_by, changed_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [change.alias, change.version, change.reason, change.isForced, change.by, change.at],
  )
  return { before }
}

function sameOrRefused(known: RegisteredModel, sha256: string): RegisteredModel {
  if (known.sha256 === sha256) return known
  throw new AppError('conflict', `version ${known.version} is registered with other files`, {
    problem: 'model_version_taken',
  })
}
