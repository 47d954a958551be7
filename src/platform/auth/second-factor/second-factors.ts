import { createHmac, randomBytes } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Database, Transaction } from '../../db/port.ts'
import type { Vault } from '../vault.ts'
import {
  countRecoveryCodes,
  deleteFactor,
  markStep,
  readFactor,
  replaceRecoveryCodes,
  upsertPendingFactor,
  useRecoveryCode,
} from './store.ts'
import { base32, matchStep, otpauthUri } from './totp.ts'

/** 160 bits, as RFC 4226 asks for. */
const secretBytes = 20
const recoveryCodes = 10
/** 60 bits; tries are counted like those of passwords, and only a keyed hash is kept. */
const recoveryLetters = 12

export type Enrolment = { readonly secret: string; readonly uri: string }

/** Codes of an authenticator app, and those for the day when it is lost. */
export type SecondFactors = {
  readonly isOn: (userId: string) => Promise<boolean>
  readonly codesLeft: (userId: string) => Promise<number>
  /** A secret to be read by an app; it counts once the first code is shown. */
  readonly begin: (tx: Transaction, user: { readonly id: string; readonly email: string }) => Promise<Enrolment>
  /** Takes the first code; answers the recovery codes, told this once. Null when the code is not right. */
  readonly confirm: (tx: Transaction, userId: string, code: string) => Promise<readonly string[] | null>
  /** How this code was right, each only once; null when it was not. */
  readonly check: (tx: Transaction, userId: string, code: string) => Promise<'app' | 'recovery' | null>
  readonly renewCodes: (tx: Transaction, userId: string) => Promise<readonly string[]>
  /** False when there was none in use. */
  readonly remove: (tx: Transaction, userId: string) => Promise<boolean>
}

const contextOf = (userId: string) => `second_factors|${userId}`

export function openSecondFactors(settings: {
  readonly db: Database
  readonly vault: Vault
  readonly now: () => number
}): SecondFactors {
  const { db, vault, now } = settings
  const codeKey = vault.derive('recovery codes')
  const hashOf = (userId: string, code: string) => {
    // Read from paper: case, hyphens and spaces say nothing.
    const letters = code.toUpperCase().replaceAll(/[^A-Z2-7]/g, '')
    return createHmac('sha256', codeKey).update(`${userId}|${letters}`).digest()
  }

  async function newCodes(tx: Transaction, userId: string): Promise<readonly string[]> {
    const codes = Array.from({ length: recoveryCodes }, () => {
      const letters = base32(randomBytes(10)).slice(0, recoveryLetters)
      return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`
    })
    await replaceRecoveryCodes(
      tx,
      userId,
      codes.map((code) => hashOf(userId, code)),
      new Date(now()),
    )
    return codes
  }

  async function matchApp(tx: Transaction, userId: string, code: string, isPending: boolean): Promise<boolean> {
    const row = await readFactor(tx, userId, true)
    if (row === null || (row.confirmedAt === null) !== isPending) return false
    const nowMs = now()
    const secret = vault.open(row.secretSealed, contextOf(userId))
    const step = matchStep(secret, code.replaceAll(/\s/g, ''), { nowMs, lastStep: row.lastStep })
    if (step === null) return false
    await markStep(tx, userId, step, new Date(nowMs))
    return true
  }

  return {
    isOn: async (userId) => ((await readFactor(db, userId))?.confirmedAt ?? null) !== null,
    codesLeft: (userId) => countRecoveryCodes(db, userId),
    begin: async (tx, user) => {
      const bytes = randomBytes(secretBytes)
      const isPending = await upsertPendingFactor(tx, {
        userId: user.id,
        secretSealed: vault.seal(bytes, contextOf(user.id)),
        at: new Date(now()),
      })
      if (!isPending)
        throw new AppError('conflict', 'there is a second factor already: remove it first', {
          problem: 'second_factor_present',
        })
      const secret = base32(bytes)
      return { secret, uri: otpauthUri(user.email, secret) }
    },
    confirm: async (tx, userId, code) => ((await matchApp(tx, userId, code, true)) ? newCodes(tx, userId) : null),
    check: async (tx, userId, code) => {
      if (await matchApp(tx, userId, code, false)) return 'app'
      return (await useRecoveryCode(tx, userId, hashOf(userId, code), new Date(now()))) ? 'recovery' : null
    },
    renewCodes: newCodes,
    remove: deleteFactor,
  }
}
