import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import type { Database } from '../db/port.ts'
import type { Secrets, SealRequest } from './port.ts'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const keysKept = 20_000
const keyCheck = 'master_key_check'

export type LocalSecrets = Secrets & {
  /** Seals what belongs to the installation itself (signing keys) under the master key. */
  readonly sealBytes: (plain: Uint8Array) => Buffer
  readonly openBytes: (sealed: Uint8Array) => Buffer
  /** A key for one purpose, derived from the master key; the same in all processes. */
  readonly deriveKey: (purpose: string) => Buffer
}

function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()])
}

function readMasterKey(path: string): Buffer | null {
  if (!existsSync(path)) return null
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (key.length !== keyBytes)
    throw new AppError('invalid', `${path} is not a master key: it must hold ${keyBytes} bytes in base64`, {
      problem: 'master_key_invalid',
    })
  return key
}

function makeMasterKey(path: string): Buffer {
  const key = randomBytes(keyBytes)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  return key
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
  throw new AppError('invalid', `the master key in ${path} is not the one that this database was sealed with`, {
    problem: 'master_key_wrong',
  })
}

/** Envelope encryption with the master key in a file: the embedded engine of the port. */
export async function openLocalSecrets(settings: {
  readonly db: Database
  readonly masterKeyFile: string
  readonly now: () => number
}): Promise<LocalSecrets> {
  const { db, now } = settings
  const master = await masterKey(db, settings.masterKeyFile, new Date(now()))
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', master.key, Buffer.alloc(0), `smartreturns ${purpose}`, keyBytes))
  const [wrapping, naming, own] = [derive('person keys'), derive('person ids'), derive('installation secrets')]
  const cache = new Map<string, Buffer>()

  const remember = (personId: string, key: Buffer) => {
    if (cache.size >= keysKept) cache.delete(cache.keys().next().value!)
    cache.set(personId, key)
  }

  async function readKeys(personIds: readonly string[]): Promise<void> {
    const missing = [...new Set(personIds)].filter((id) => !cache.has(id))
    if (missing.length === 0) return
    const rows = await db.query<{ id: string; wrapped: Buffer | null }>(
      'select person_id as id, wrapped_key as wrapped from person_keys where person_id = any($1::text[])',
      [missing],
    )
    for (const { id, wrapped } of rows) if (wrapped !== null) remember(id, decrypt(wrapping, wrapped, `person|${id}`))
  }

  /** One data key for each person, made on first use; of two that make one at once, the stored one counts. */
  async function keysFor(requests: readonly SealRequest[]): Promise<void> {
    await readKeys(requests.map((r) => r.personId))
    const fresh = new Map(requests.filter((r) => !cache.has(r.personId)).map((r) => [r.personId, r.clientId]))
    if (fresh.size === 0) return
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
    await readKeys(ids)
  }

  return {
    engine: 'local',
    seal: async (requests) => {
      await keysFor(requests)
      return requests.map(({ personId, plain }) => {
        const key = cache.get(personId)
        if (key === undefined)
          throw new AppError('conflict', 'the data of this person were erased', { problem: 'person_erased' })
        return `1.${encrypt(key, Buffer.from(plain, 'utf8'), `sealed|${personId}`).toString('base64')}`
      })
    },
    open: async (sealed) => {
      await readKeys(sealed.map((s) => s.personId))
      return sealed.map(({ personId, sealed: text }) => {
        const key = cache.get(personId)
        return key === undefined
          ? null
          : decrypt(key, Buffer.from(text.slice(2), 'base64'), `sealed|${personId}`).toString('utf8')
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
      cache.clear()
      return Promise.resolve()
    },
  }
}
