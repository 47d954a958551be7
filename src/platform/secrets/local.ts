import { createHmac, hkdfSync } from 'node:crypto'
import type { Database } from '../db/port.ts'
import { decrypt, encrypt, keyBytes } from './envelope.ts'
import { openFileMasterKey } from './master-key-file.ts'
import { openPersonKeys, type PersonKey } from './person-keys.ts'
import type { BlobKeys, MasterKey, OpenRequest, Place, Secrets } from './port.ts'
import { openWrappingKeys } from './wrapping-keys.ts'

const keysKeptMax = 20_000

export type LocalSecrets = Secrets &
  BlobKeys & {
    readonly master: MasterKey
    /** A key for one purpose, the same in all processes. */
    readonly deriveKey: (purpose: string) => Buffer
  }

const contextOf = ({ table, row, field }: Place, version: number) => `${table}|${row}|${field}|${version}`

/** Envelope encryption: data under a key of the person's own, that under a wrapping key, that under the master key. */
export async function openSecrets(settings: {
  readonly db: Database
  readonly master: MasterKey
  readonly now: () => number
  /** Unwrapped keys held in memory; the one used longest ago goes first. */
  readonly keysKept?: number
}): Promise<LocalSecrets> {
  const { db, master, now, keysKept = keysKeptMax } = settings
  const wrappingKeys = await openWrappingKeys(db, master, new Date(now()))
  const persons = openPersonKeys({ db, wrappingKeys, now, keysKept })
  const deriveKey = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', wrappingKeys.root, Buffer.alloc(0), `smartreturns ${purpose}`, keyBytes))
  const [own, marks] = [deriveKey('installation secrets'), deriveKey('blind index')]
  const hashed = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)

  async function open(requests: readonly OpenRequest[], mayOpen: (key: PersonKey) => boolean) {
    const keys = await persons.read(requests.map((request) => request.personId))
    return requests.map((request) => {
      const text = textOf(request)
      const found = keys.get(request.personId)
      if (found === undefined || !mayOpen(found)) return null
      // The key of a person who was erased and came again opens nothing of before.
      if (text.version !== found.version) return null
      return decrypt(found.key, text.bytes, text.context).toString('utf8')
    })
  }

  return {
    engine: master.engine,
    master,
    seal: async (requests) => {
      const keys = await persons.ensure(requests)
      return requests.map(({ personId, plain, place }) => {
        const { key, version } = keys.get(personId)!
        const sealed = encrypt(key, Buffer.from(plain, 'utf8'), contextOf(place, version))
        return `2.${version}.${sealed.toString('base64')}`
      })
    },
    open: (requests) => open(requests, (key) => !key.isRestricted),
    openRestricted: (requests) => open(requests, () => true),
    destroy: persons.destroy,
    restrict: persons.restrict,
    personId: (clientId, reference) => hashed(wrappingKeys.personIds, `${clientId}|${reference.normalize('NFC')}`),
    mark: (clientId, kind, value) => hashed(marks, `${clientId}|${kind}|${value.normalize('NFC')}`),
    currentBlobKey: async () => {
      const [row] = await db.query<{ id: string }>(
        `select id from wrapping_keys where purpose = 'blobs' and is_current`,
      )
      const found = row === undefined ? null : await wrappingKeys.find(row.id)
      return found ?? wrappingKeys.current('blobs')
    },
    blobKey: async (id) => {
      const found = await wrappingKeys.find(id)
      return found?.purpose === 'blobs' ? found.key : null
    },
    sealBytes: (plain) => encrypt(own, plain, 'installation'),
    openBytes: (sealed) => decrypt(own, sealed, 'installation'),
    deriveKey,
    close: () => {
      persons.clear()
      return Promise.resolve()
    },
  }
}

/** What a sealed text says of itself. Those of the first form were bound to the person alone, and had one key for ever. */
function textOf({ sealed, personId, place }: OpenRequest): { version: number; bytes: Buffer; context: string } {
  const [form, second, third] = sealed.split('.')
  if (form === '1' && second !== undefined)
    return { version: 1, bytes: Buffer.from(second, 'base64'), context: `sealed|${personId}` }
  const version = Number(second)
  if (form !== '2' || third === undefined || !Number.isInteger(version))
    throw new Error('a sealed text of an unknown version')
  return { version, bytes: Buffer.from(third, 'base64'), context: contextOf(place, version) }
}

/** The embedded engine: the master key in a file. */
export function openLocalSecrets(settings: {
  readonly db: Database
  readonly masterKeyFile: string
  readonly now: () => number
  readonly keysKept?: number
}): Promise<LocalSecrets> {
  const { masterKeyFile, ...rest } = settings
  return openSecrets({ ...rest, master: openFileMasterKey(masterKeyFile) })
}
