import { uuidv7 } from '#kernel/ids.ts'
import type { Blobs } from '../blobs/port.ts'
import type { Database, Queryable } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import { decrypt, encrypt } from './envelope.ts'
import { insertWrappingKey, purposes, readRoots, readWrappingRows } from './key-store.ts'
import type { MasterKey } from './port.ts'
import { openWrappingKeys, rewrapByMaster } from './wrapping-keys.ts'

export type RotationContext = {
  readonly db: Database
  readonly events: EventLog
  readonly blobs: Blobs
  readonly secrets: { readonly master: MasterKey }
  readonly now: () => number
}
export type Rotation = {
  readonly id: string
  readonly isResumed: boolean
  readonly persons: number
  readonly blobs: number
}
export type RotationSteps = {
  readonly progress?: (done: { readonly persons: number; readonly blobs: number }) => void
  /** Persons a statement. */
  readonly batch?: number
}

const batchPersons = 500

type Open = { readonly id: string; readonly persons: number; readonly blobs: number }

/**
 * Makes a new master key and new wrapping keys, and wraps anew what the old ones wrapped, beside traffic: until a key is
 * wrapped anew the old one opens it. One that was interrupted is gone on with.
 */
export async function rotateKeys(ctx: RotationContext, by: string, steps: RotationSteps = {}): Promise<Rotation> {
  const { db, secrets } = ctx
  const open = await readOpen(db)
  const rotation = open ?? (await begin(ctx, by))
  // Read after the new ones were made.
  const keys = await openWrappingKeys(db, secrets.master, new Date(ctx.now()))
  let { persons, blobs } = rotation
  const note = async () => {
    await db.query('update key_rotations set persons = $2, blobs = $3 where id = $1', [rotation.id, persons, blobs])
    steps.progress?.({ persons, blobs })
  }
  const current = keys.current('persons')
  for (let after = ''; ;) {
    const rows = await db.query<{ id: string; wrapped: Buffer; wrappingId: string }>(
      `select person_id as id, wrapped_key as wrapped, master_key_id as "wrappingId" from person_keys
       where person_id > $1 and wrapped_key is not null and master_key_id <> $2 order by person_id limit $3`,
      [after, current.id, steps.batch ?? batchPersons],
    )
    if (rows.length === 0) break
    const old: Buffer[] = []
    const fresh: Buffer[] = []
    for (const { id, wrapped, wrappingId } of rows) {
      const wrapping = await keys.find(wrappingId)
      if (wrapping === null) throw new Error(`the wrapping key ${wrappingId} of a person is gone`)
      old.push(wrapped)
      fresh.push(encrypt(current.key, decrypt(wrapping.key, wrapped, `person|${id}`), `person|${id}`))
    }
    // Only what is still as it was read: an erasure meanwhile is not undone.
    await db.query(
      `update person_keys k set wrapped_key = n.fresh, master_key_id = $4
       from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (id, old, fresh) where k.person_id = n.id and k.wrapped_key = n.old`,
      [rows.map((row) => row.id), old, fresh, current.id],
    )
    persons += rows.length
    after = rows.at(-1)!.id
    await note()
  }
  for await (const key of ctx.blobs.list()) {
    if (!(await ctx.blobs.rewrap(key))) continue
    blobs += 1
    if (blobs % 100 === 0) await note()
  }
  await note()
  const at = new Date(ctx.now())
  await db.transaction(async (tx) => {
    await tx.query('update key_rotations set finished_at = $2 where id = $1', [rotation.id, at])
    const data = { by: { kind: 'system', id: by }, requestId: rotation.id, persons, blobs }
    await ctx.events.append(tx, [{ stream: `keys-${rotation.id}`, version: 2, type: 'KeyRotationFinished', data }], at)
  })
  return { id: rotation.id, isResumed: open !== null, persons, blobs }
}

async function readOpen(db: Queryable): Promise<Open | null> {
  const [row] = await db.query<Open>('select id, persons, blobs from key_rotations where finished_at is null')
  return row ?? null
}

async function begin({ db, events, secrets: { master }, now }: RotationContext, by: string): Promise<Open> {
  // A newer key that is there already, put there by hand or by a rotation that ended here, is the one to turn to.
  const wrapped = [...(await readRoots(db)).values(), ...(await readWrappingRows(db)).map((row) => row.wrapped)]
  const stale = await Promise.all(wrapped.map((text) => master.isStale(text)))
  if (!stale.some(Boolean)) await master.renew()
  await rewrapByMaster(db, master)
  const at = new Date(now())
  const id = uuidv7(at.getTime())
  await db.transaction(async (tx) => {
    await tx.query('insert into key_rotations (id, started_by, started_at) values ($1, $2, $3)', [id, by, at])
    // Waits for keys that are being wrapped by the old one, and makes the next wait for the new one.
    await tx.query('update wrapping_keys set is_current = false where is_current')
    for (const purpose of purposes) await insertWrappingKey(tx, master, { purpose }, at)
    const data = { by: { kind: 'system', id: by }, requestId: id, engine: master.engine }
    await events.append(tx, [{ stream: `keys-${id}`, version: 1, type: 'KeyRotationStarted', data }], at)
  })
  return { id, persons: 0, blobs: 0 }
}

export type KeyStatus = {
  readonly engine: string
  readonly place: string
  readonly isRotating: boolean
  readonly keys: readonly {
    readonly id: string
    readonly purpose: string
    readonly isCurrent: boolean
    readonly persons: number
  }[]
}

export async function readKeyStatus({ db, secrets }: Pick<RotationContext, 'db' | 'secrets'>): Promise<KeyStatus> {
  const keys = await db.query<KeyStatus['keys'][number]>(
    `select w.id, w.purpose, w.is_current as "isCurrent",
       (select count(*) from person_keys k where k.master_key_id = w.id and k.wrapped_key is not null) as persons
     from wrapping_keys w order by w.created_at, w.id`,
  )
  const { engine, place } = secrets.master
  return { engine, place, isRotating: (await readOpen(db)) !== null, keys }
}

/** A file that was being written while its key was rotated may still name the old one. */
const writeMaxMs = 600_000

/**
 * Ends the life of old keys: nothing that still runs needs them, but a backup from before the rotation can't be opened any
 * more. Answers how many wrapping keys went; refuses while something is still wrapped by one.
 */
export async function retireKeys(ctx: RotationContext, by: string): Promise<{ readonly retired: number }> {
  const { db, secrets, now } = ctx
  if ((await readOpen(db)) !== null) return { retired: 0 }
  for await (const key of ctx.blobs.list()) await ctx.blobs.rewrap(key)
  const at = new Date(now())
  const rows = await db.transaction(async (tx) => {
    const gone = await tx.query<{ id: string }>(
      `delete from wrapping_keys w where not w.is_current
         and not exists (select 1 from person_keys k where k.master_key_id = w.id and k.wrapped_key is not null)
         and not exists (select 1 from wrapping_keys n where n.is_current and n.purpose = w.purpose and n.created_at > $1)
       returning id`,
      [new Date(at.getTime() - writeMaxMs)],
    )
    if (gone.length === 0) return gone
    const id = uuidv7(at.getTime())
    const data = { by: { kind: 'system', id: by }, requestId: id, keys: gone.map((row) => row.id) }
    await ctx.events.append(tx, [{ stream: `keys-${id}`, version: 1, type: 'KeysRetired', data }], at)
    return gone
  })
  if (rows.length > 0) await secrets.master.retire()
  return { retired: rows.length }
}
