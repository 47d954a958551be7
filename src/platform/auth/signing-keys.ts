import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from 'jose'
import { createHash, createPrivateKey } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Database, Queryable, Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import { accessSeconds } from './access-claims.ts'
import type { Doer } from './users.ts'
import type { Box } from './vault.ts'

/** A new key is published for so long before it signs: twice as long as others may keep our JWKS. */
export const leadMs = 10 * 60_000
/** After it stopped to sign, a key verifies until its last token has ended, with what clocks and caches may add. */
const afterlifeMs = accessSeconds * 1000 + 5 * 60_000
/** The scheduled rotation makes a new key when the newest is so old. */
export const rotateAfterDays = 30
const rotateAfterMs = rotateAfterDays * 86_400_000
const forgetAfterMs = 86_400_000
const secretName = (kid: string) => `token_signing_key:${kid}`

export type SigningKey = {
  readonly kid: string
  readonly publicJwk: JWK
  readonly createdAt: Date
  readonly signsFrom: Date
  readonly verifiesUntil: Date | null
  readonly revokedAt: Date | null
}

export type SigningKeys = {
  readonly list: () => Promise<SigningKey[]>
  /** A new key, published at once and signing after `leadMs`; answers its id. */
  readonly rotate: (doer: Doer, lead?: number) => Promise<string>
  /** The same, if the newest key is old enough; null when it is not. */
  readonly rotateIfOld: (doer: Doer) => Promise<string | null>
  /** Takes a key that is known to others out of use at once; its tokens end, and a new key signs from now on. */
  readonly revoke: (kid: string, doer: Doer) => Promise<void>
  readonly privateKey: (kid: string) => Promise<string>
}

type Context = { readonly db: Database; readonly events: EventLog; readonly box: Box; readonly now: () => number }

const columns = `kid, public_jwk as "publicJwk", created_at as "createdAt", signs_from as "signsFrom",
  verifies_until as "verifiesUntil", revoked_at as "revokedAt"`

export async function readSigningKeys(db: Queryable): Promise<SigningKey[]> {
  return db.query<SigningKey>(`select ${columns} from signing_keys order by signs_from desc, kid`)
}

/** Ed25519 keys for access tokens. The private halves are sealed by the master key, beside the installation's other secrets. */
export function openSigningKeys(ctx: Context): SigningKeys {
  const { db, events, box, now } = ctx

  async function insert(tx: Transaction, at: Date, signsFrom: Date): Promise<string> {
    const pair = await generateKeyPair('EdDSA', { extractable: true })
    const jwk = await exportJWK(pair.publicKey)
    const kid = createHash('sha256').update(jwk.x!).digest('base64url').slice(0, 16)
    const publicJwk = { ...jwk, kid, alg: 'EdDSA', use: 'sig' }
    await tx.query('insert into signing_keys (kid, public_jwk, created_at, signs_from) values ($1, $2, $3, $4)', [
      kid,
      JSON.stringify(publicJwk),
      at,
      signsFrom,
    ])
    await tx.query('insert into installation_secrets (name, sealed, created_at) values ($1, $2, $3)', [
      secretName(kid),
      box.sealBytes(Buffer.from(await exportPKCS8(pair.privateKey))),
      at,
    ])
    return kid
  }

  /** One rotation at a time, over all processes. */
  async function lock(tx: Transaction): Promise<SigningKey[]> {
    await tx.query('lock table signing_keys in share row exclusive mode')
    return readSigningKeys(tx)
  }

  async function follow(tx: Transaction, at: Date, signsFrom: Date, doer: Doer): Promise<string> {
    const endsAt = new Date(signsFrom.getTime() + afterlifeMs)
    await tx.query('update signing_keys set verifies_until = $1 where verifies_until is null', [endsAt])
    const kid = await insert(tx, at, signsFrom)
    const gone = await tx.query<{ kid: string }>('delete from signing_keys where verifies_until < $1 returning kid', [
      new Date(at.getTime() - forgetAfterMs),
    ])
    await tx.query('delete from installation_secrets where name = any($1)', [gone.map((key) => secretName(key.kid))])
    const data = { ...doer, signsFrom: signsFrom.toISOString() }
    await events.append(tx, [{ stream: `signingkey-${kid}`, version: 1, type: 'SigningKeyMade', data }], at)
    return kid
  }

  return {
    list: () => readSigningKeys(db),
    rotate: (doer, lead = leadMs) =>
      db.transaction(async (tx) => {
        const known = await lock(tx)
        const at = new Date(now())
        // The first key of an installation has nobody to wait for.
        return follow(tx, at, new Date(at.getTime() + (known.length === 0 ? 0 : lead)), doer)
      }),
    rotateIfOld: (doer) =>
      db.transaction(async (tx) => {
        const [newest] = await lock(tx)
        const at = new Date(now())
        if (newest !== undefined && at.getTime() - newest.createdAt.getTime() < rotateAfterMs) return null
        return follow(tx, at, new Date(at.getTime() + (newest === undefined ? 0 : leadMs)), doer)
      }),
    revoke: (kid, doer) =>
      db.transaction(async (tx) => {
        const known = await lock(tx)
        const key = known.find((one) => one.kid === kid)
        if (key === undefined || key.revokedAt !== null)
          throw new AppError('not_found', `no signing key ${kid} is in use`, { problem: 'signing_key_unknown' })
        const at = new Date(now())
        await tx.query('update signing_keys set revoked_at = $2, verifies_until = $2 where kid = $1', [kid, at])
        await tx.query('delete from installation_secrets where name = $1', [secretName(kid)])
        await events.append(
          tx,
          [{ stream: `signingkey-${kid}`, version: 2, type: 'SigningKeyRevoked', data: { ...doer } }],
          at,
        )
        const signsNow = known.some((one) => one.kid !== kid && one.revokedAt === null && one.signsFrom <= at)
        const isNewest = known[0]!.kid === kid
        if (isNewest || !signsNow) await follow(tx, at, at, doer)
      }),
    privateKey: async (kid) => {
      const [row] = await db.query<{ sealed: Buffer }>('select sealed from installation_secrets where name = $1', [
        secretName(kid),
      ])
      if (row === undefined) throw new Error(`the signing key ${kid} has no private half`)
      const pem = box.openBytes(row.sealed).toString()
      if (!isEd25519(pem))
        throw new AppError('invalid', `the signing key ${kid} is no Ed25519 key: it is not used`, {
          problem: 'signing_key_weak',
        })
      return pem
    },
  }
}

function isEd25519(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519'
  } catch {
    return false
  }
}
