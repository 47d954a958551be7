import { randomBytes } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Database, Transaction } from '../db/port.ts'
import { decrypt, encrypt, keyBytes } from './envelope.ts'
import type { SealRequest } from './port.ts'
import type { WrappingKeys } from './wrapping-keys.ts'

export type PersonKey = { readonly key: Buffer; readonly version: number; readonly isRestricted: boolean }

type Stored = {
  readonly id: string
  readonly wrapped: Buffer
  readonly wrappingId: string
  readonly version: number
  readonly isRestricted: boolean
}

/** A key that nobody used for so long is not kept: what another process destroyed does not live on in the memory of this one. */
const idleMaxMs = 10 * 60_000

/** A rotation may end the wrapping key in use under us; once more is enough but for a rotation in the very moment. */
const attemptsMax = 4

const nameOf = (personId: string) => `person|${personId}`

/** Data keys of persons, made on first use; unwrapped ones are held in memory, the one used longest ago goes first. */
export function openPersonKeys(settings: {
  readonly db: Database
  readonly wrappingKeys: WrappingKeys
  readonly now: () => number
  readonly keysKept: number
}) {
  const { db, wrappingKeys, now, keysKept } = settings
  // The one used longest ago comes first.
  const kept = new Map<string, { readonly wrapped: Buffer; readonly key: Buffer; readonly usedMs: number }>()

  function dropIdle(nowMs: number): void {
    for (const [id, { usedMs }] of kept) {
      if (nowMs - usedMs < idleMaxMs) return
      kept.delete(id)
    }
  }

  /** A key that is in memory counts only while the same one is stored: an erasure holds at once in every process. */
  async function unwrap({ id, wrapped, wrappingId }: Stored): Promise<Buffer> {
    const known = kept.get(id)
    let key = known?.wrapped.equals(wrapped) ? known.key : null
    if (key === null) {
      const wrapping = await wrappingKeys.find(wrappingId)
      if (wrapping === null) throw new Error(`the wrapping key ${wrappingId} of a person is gone`)
      key = decrypt(wrapping.key, wrapped, nameOf(id))
    }
    kept.delete(id)
    if (kept.size >= keysKept) kept.delete(kept.keys().next().value!)
    kept.set(id, { wrapped, key, usedMs: now() })
    return key
  }

  /** Keys of these persons; one who has none, or whose key was destroyed, is absent. */
  async function read(personIds: readonly string[]): Promise<Map<string, PersonKey>> {
    if (personIds.length === 0) return new Map()
    const rows = await db.query<Stored>(
      `select person_id as id, wrapped_key as wrapped, master_key_id as "wrappingId", key_version as version,
         restricted_at is not null as "isRestricted"
       from person_keys where person_id = any($1::text[]) and wrapped_key is not null`,
      [[...new Set(personIds)]],
    )
    const found = new Map<string, PersonKey>()
    dropIdle(now())
    for (const row of rows)
      found.set(row.id, { key: await unwrap(row), version: row.version, isRestricted: row.isRestricted })
    for (const id of personIds) if (!found.has(id)) kept.delete(id)
    return found
  }

  /**
   * One data key for each person; of two that make one at once, the stored one counts. The wrapping key is locked for the
   * moment, and only the current one takes new keys: a rotation leaves none behind.
   */
  async function make(fresh: ReadonlyMap<string, string>): Promise<void> {
    const ids = [...fresh.keys()].toSorted()
    const wrapping = wrappingKeys.current('persons')
    await db.query(
      `insert into person_keys as k (person_id, client_id, wrapped_key, master_key_id, created_at)
       select n.person_id, n.client_id, n.wrapped_key, w.id, $5
       from (select id from wrapping_keys where id = $4 and is_current for share) w,
         unnest($1::text[], $2::uuid[], $3::bytea[]) as n (person_id, client_id, wrapped_key)
       on conflict (person_id) do update set wrapped_key = excluded.wrapped_key, master_key_id = excluded.master_key_id,
         key_version = k.key_version + 1, erased_at = null, restricted_at = null, created_at = excluded.created_at
       where k.wrapped_key is null`,
      [
        ids,
        ids.map((id) => fresh.get(id)),
        ids.map((id) => encrypt(wrapping.key, randomBytes(keyBytes), nameOf(id))),
        wrapping.id,
        new Date(now()),
      ],
    )
  }

  return {
    read,
    /** Keys of all these persons, made where there is none. */
    ensure: async (requests: readonly SealRequest[]): Promise<Map<string, PersonKey>> => {
      let known = await read(requests.map((r) => r.personId))
      for (let attempt = 1; ; attempt++) {
        const fresh = new Map(requests.filter((r) => !known.has(r.personId)).map((r) => [r.personId, r.clientId]))
        if (fresh.size === 0) return known
        if (attempt > attemptsMax)
          throw new AppError('unavailable', 'keys are being changed; try again', { retryAfterSeconds: 1 })
        if (attempt > 1) await wrappingKeys.reload()
        await make(fresh)
        known = new Map([...known, ...(await read([...fresh.keys()]))])
      }
    },
    destroy: async (tx: Transaction, personIds: readonly string[], at: Date): Promise<void> => {
      await tx.query(
        `update person_keys set wrapped_key = null, erased_at = $2, restricted_at = null
         where person_id = any($1::text[]) and wrapped_key is not null`,
        [personIds, at],
      )
      for (const id of personIds) kept.delete(id)
    },
    restrict: async (tx: Transaction, personIds: readonly string[], since: Date | null): Promise<void> => {
      await tx.query(
        'update person_keys set restricted_at = $2 where person_id = any($1::text[]) and wrapped_key is not null',
        [personIds, since],
      )
    },
    clear: () => kept.clear(),
  }
}
