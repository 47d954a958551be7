import { hash, verify } from '@node-rs/argon2'
import { AppError } from '#kernel/errors.ts'

/** Argon2id (the default of the library) with 19 MiB, two passes, one lane (OWASP). */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const lengthMin = 15
const lengthMax = 128

const common = [
  'passwordpassword', 'password12345678', '123456789012345', '1234567890123456', 'qwertyuiopasdfgh', 'iloveyouiloveyou', 'correcthorsebatterystaple',
  'administratoradministrator', 'letmeinletmeinletmein', 'aaaaaaaaaaaaaaa', 'abcdefghijklmnop', 'changemechangeme',
]

function normal(password: string): string {
  return password.normalize('NFC')
}

/** Refuses a password that is short, common, or made of the context (NIST SP 800-63B): no rules of composition. */
export function checkPassword(password: string, context: readonly string[]): void {
  const text = normal(password)
  const length = [...text].length
  const refuse = (code: string, detail: string): never => {
    throw new AppError('invalid', detail, { problem: 'password_refused', errors: [{ pointer: '/password', code, detail }] })
  }
  if (length < lengthMin) refuse('too_short', `a password has at least ${lengthMin} characters`)
  if (length > lengthMax) refuse('too_long', `a password has at most ${lengthMax} characters`)
  const bare = text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  if (common.includes(bare) || new Set(bare).size < 5) refuse('too_common', 'this password is among the first that are tried')
  const words = ['smartreturns', ...context].map((word) => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')).filter((word) => word.length > 3)
  if (words.reduce((rest, word) => rest.replaceAll(word, ''), bare).length < 8) refuse('too_close', 'the password is mostly the name, the address or the product')
}

export function hashPassword(password: string): Promise<string> {
  return hash(normal(password), options)
}

let decoy: Promise<string> | undefined

/** Whether it is the password of this hash. Without a hash it takes the same time and answers no. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  decoy ??= hash('a password that nobody has', options)
  const matches = await verify(stored ?? (await decoy), normal(password).slice(0, 1024))
  return matches && stored !== null
}
