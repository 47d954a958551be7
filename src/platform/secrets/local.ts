import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Database } from '../db/port.ts'
import { makeMasterKey, readMasterKey } from './master-key-file.ts'
import type { Secrets, SealRequest } from './port.ts'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const keysKeptMax = 20_000
const version = '1.'
const keyCheck = 'master_key_check'

export type LocalSecrets = Secrets & {
  /** A key for one purpose, derived from the master key; the same in all processes. */
  readonly deriveKey: (purpose: string) => Buffer
}

function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()])
}

/** The key of this installation; refuses to start without the one that its data were sealed with. */
async function masterKey(db: Database, path: string, at: Date): Promise<{ key: Buffer; id: string }> {
  const [check] = await db.query<{ sealed: Buffer }>('select sealed from installation_secrets where name = $1', [
    keyCheck,
  ])
  const found = readMasterKey(path)
  if (found === null && check !== undefined) {
    throw new AppError(
      'invalid',
      `the master key file ${path} is missing, and personal data in this database were sealed with it: put it back, or name it in SMARTRETURNS_MASTER_KEY_FILE`,
      { problem: 'master_key_missing' },
    )
  }
  const key = found ?? makeMasterKey(path)
  const mark = createHmac('sha256', key).update('smartreturns key check').digest()
  if (check === undefined) {
    await db.query(
      'insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3) on conflict do nothing',
      [keyCheck, mark, at],
    )
    const [stored] = await db.query<{ sealed: Buffer }>('select sealed from installation_secrets where name = $1', [
      keyCheck,
    ])
    if (stored!.sealed.equals(mark)) return { key, id: mark.subarray(0, 6).toString('hex') }
  } else if (check.sealed.length === mark.length && timingSafeEqual(check.sealed, mark)) {
    return { key, id: mark.subarray(0, 6).toString('hex') }
  }
  throw new AppError(
    'invalid',
    `the master key in ${path} is not the one that this database was sealed with: put the right one there, or name its file in SMARTRETURNS_MASTER_KEY_FILE`,
    { problem: 'master_key_wrong' },
  )
}

/** Envelope encryption with the master key in a file: the embedded engine of the port. */
export async function openLocalSecrets(settings: {
  readonly db: Database
  readonly masterKeyFile: string
  readonly now: () => number
  /** Unwrapped keys held in memory; the one used longest ago goes first. */
  readonly keysKept?: number
}): Promise<LocalSecrets> {
  const { db, now, keysKept = keysKeptMax } = settings
  const master = await masterKey(db, settings.masterKeyFile, new Date(now()))
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', master.key, Buffer.alloc(0), `smartreturns ${purpose}`, keyBytes))
  const [wrapping, naming, own] = [derive('person keys'), derive('person ids'), derive('installation secrets')]
  const kept = new Map<string, { readonly wrapped: Buffer; readonly key: Buffer }>()

  /** A key that is in memory counts only while the same one is stored: an erasure holds at once in every process. */
  function unwrap(id: string, wrapped: Buffer): Buffer {
    const known = kept.get(id)
    const key = known?.wrapped.equals(wrapped) ? known.key : decrypt(wrapping, wrapped, `person|${id}`)
    kept.delete(id)
    if (kept.size >= keysKept) kept.delete(kept.keys().next().value!)
    kept.set(id, { wrapped, key })
    return key
  }

  /** Keys of these persons; one who has none, or whose key was destroyed, is absent. */
  async function readKeys(personIds: readonly string[]): Promise<Map<string, Buffer>> {
    if (personIds.length === 0) return new Map()
    const rows = await db.query<{ id: string; wrapped: Buffer }>(
      `select person_id as id, wrapped_key as wrapped from person_keys
       where person_id = any($1::text[]) and wrapped_key is not null`,
      [[...new Set(personIds)]],
    )
    return new Map(rows.map(({ id, wrapped }) => [id, unwrap(id, wrapped)]))
  }

  /** One data key for each person, made on first use; of two that make one at once, the stored one counts. */
  async function keysFor(requests: readonly SealRequest[]): Promise<Map<string, Buffer>> {
    const known = await readKeys(requests.map((r) => r.personId))
    const fresh = new Map(requests.filter((r) => !known.has(r.personId)).map((r) => [r.personId, r.clientId]))
    if (fresh.size === 0) return known
    const ids = [...fresh.keys()].toSorted()
    await db.query(
      `insert into person_keys (person_id, client_id, wrapped_key, master_key_id, created_at)
       select person_id, client_id, wrapped_key, $4, $5 from unnest($1::text[], $2::uuid[], $3::bytea[]) as n (person_id, client_id, wrapped_key)
       on conflict do nothing`,
      [
        ids,
        ids.map((id) => fresh.get(id)),
        ids.map((id) => encrypt(wrapping, randomBytes(keyBytes), `person|${id}`)),
        master.id,
        new Date(now()),
      ],
    )
    return new Map([...known, ...(await readKeys(ids))])
  }

  return {
    engine: 'local',
    seal: async (requests) => {
      const keys = await keysFor(requests)
      return requests.map(({ personId, plain }) => {
        const key = keys.get(personId)
        if (key === undefined)
          throw new AppError('conflict', 'the data of this person were erased', { problem: 'person_erased' })
        return `${version}${encrypt(key, Buffer.from(plain, 'utf8'), `sealed|${personId}`).toString('base64')}`
      })
    },
    open: async (sealed) => {
      const keys = await readKeys(sealed.map((s) => s.personId))
      return sealed.map(({ personId, sealed: text }) => {
        if (!text.startsWith(version)) throw new Error('a sealed text of an unknown version')
        const key = keys.get(personId)
        if (key === undefined) return null
        return decrypt(key, Buffer.from(text.slice(version.length), 'base64'), `sealed|${personId}`).toString('utf8')
      })
    },
    personId: (clientId, reference) =>
      createHmac('sha256', naming)
        .update(`${clientId}|${reference.normalize('NFC')}`)
        .digest('base64url')
        .slice(0, 22),
    sealBytes: (plain) => encrypt(own, plain, 'installation'),
    openBytes: (sealed) => decrypt(own, sealed, 'installation'),
    deriveKey: derive,
    close: () => {
      kept.clear()
      return Promise.resolve()
    },
  }
}
