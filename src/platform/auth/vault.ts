import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Database } from '../db/port.ts'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const secretName = 'identity_key'

/** Seals what belongs to the installation under its master key. */
export type Box = {
  readonly sealBytes: (plain: Uint8Array) => Buffer
  readonly openBytes: (sealed: Uint8Array) => Buffer
}

/** Seals secrets of people's logins. `context` (table, row) is part of the seal: a value that was moved does not open. */
export type Vault = {
  readonly seal: (plain: Uint8Array, context: string) => Buffer
  readonly open: (sealed: Uint8Array, context: string) => Buffer
  /** A key for one purpose; the same in all processes, and under every master key. */
  readonly derive: (purpose: string) => Buffer
}

/** A key of identity's own, sealed by the master key: a new master key seals this one row again, and nothing else. */
export async function openVault(db: Database, box: Box, at: Date): Promise<Vault> {
  const root = await installationSecret(db, box, { name: secretName, make: () => randomBytes(keyBytes), at })
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', root, Buffer.alloc(0), `smartreturns identity ${purpose}`, keyBytes))
  const sealing = derive('sealing')
  return {
    derive,
    seal: (plain, context) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce, { authTagLength: tagBytes })
      cipher.setAAD(Buffer.from(context))
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open: (sealed, context) => {
      const bytes = Buffer.from(sealed)
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(bytes.length - tagBytes))
      const body = bytes.subarray(nonceBytes, bytes.length - tagBytes)
      return Buffer.concat([decipher.update(body), decipher.final()])
    },
  }
}

/** The secret of this name, made at its first use; of two processes that make one at once, the stored one counts. */
async function installationSecret(
  db: Database,
  box: Box,
  secret: { readonly name: string; readonly make: () => Uint8Array; readonly at: Date },
): Promise<Buffer> {
  const read = async () => {
    const [row] = await db.query<{ sealed: Buffer }>('select sealed from installation_secrets where name = $1', [
      secret.name,
    ])
    return row === undefined ? null : box.openBytes(row.sealed)
  }
  const known = await read()
  if (known !== null) return known
  await db.query(
    'insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3) on conflict do nothing',
    [secret.name, box.sealBytes(secret.make()), secret.at],
  )
  return (await read())!
}
