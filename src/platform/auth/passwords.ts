import { hash, verify } from '@node-rs/argon2'
import { createRequire } from 'node:module'
import { AppError } from '#kernel/errors.ts'

/** Argon2id (the default of the library) with 19 MiB, two passes, one lane (OWASP). */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const lengthMin = 15
const lengthMinBesideSecondFactor = 8
const lengthMax = 128

let found: ReadonlySet<string> | undefined

/** Fifty thousand of the passwords that were found most often in broken-into places: read when one is first chosen. */
function foundPasswords(): ReadonlySet<string> {
  if (found !== undefined) return found
  // Its types come with the package for imports only.
  const { dictionary } = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as {
    readonly dictionary: Readonly<Record<'passwords-common', readonly string[]>>
  }
  return (found = new Set(dictionary['passwords-common']))
}

/** Long passwords that lists of broken ones hold, in lower case and without punctuation. */
const common = new Set([
  'passwordpassword',
  'password12345678',
  'password123456789',
  'passwordpassword1',
  'mypasswordmypassword',
  'thisismypassword',
  'thisisapassword',
  'passwordispassword',
  'mypasswordispassword',
  'iforgotmypassword',
  'secretpassword123',
  'administratoradministrator',
  'administrator123',
  'administratorpassword',
  'adminadminadmin',
  'rootrootrootroot',
  'superuserpassword',
  'welcomewelcome',
  'welcome123456789',
  'welcometothejungle',
  'letmeinletmeinletmein',
  'letmeinpleasenow',
  'openthedoorplease',
  'changemechangeme',
  'changemeplease123',
  'defaultpassword',
  'temporarypassword',
  'qwertyuiopasdfgh',
  'qwertyuiopasdfghjkl',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertyuiop123456',
  'qwertyuiop1234567890',
  'asdfghjklzxcvbnm',
  'zxcvbnmasdfghjkl',
  '1qaz2wsx3edc4rfv',
  '1qaz2wsx3edc4rfv5tgb',
  'qazwsxedcrfvtgb',
  'zaq12wsxcde34rfv',
  '1q2w3e4r5t6y7u8i',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8',
  'abcdefghijklmno',
  'abcdefghijklmnop',
  'abcdefghijklmnopqrstuvwxyz',
  'abcd1234abcd1234',
  'abc123abc123abc123',
  'a1b2c3d4e5f6g7h8',
  '123456789012345',
  '1234567890123456',
  '12345678901234567890',
  '123456789123456789',
  '987654321987654321',
  '0123456789012345',
  '12345678abcdefgh',
  '1234567890qwertyuiop',
  '123456789abcdefg',
  '112233445566778899',
  '123123123123123',
  '102030405060708090',
  '31415926535897932384',
  'iloveyouiloveyou',
  'iloveyouforever',
  'iloveyousomuch1',
  'ilovemyfamily123',
  'correcthorsebatterystaple',
  'whatisyourpassword',
  'tobeornottobethatisthequestion',
  'thequickbrownfox',
  'thequickbrownfoxjumps',
  'themeaningoflife',
  'onceuponatimethere',
  'maytheforcebewithyou',
  'supercalifragilistic',
  'supercalifragilisticexpialidocious',
  'donaudampfschifffahrt',
  'manchesterunited',
  'liverpoolfootballclub',
  'chennaisuperkings',
  'mumbaiindians123',
  'royalchallengersbangalore',
  'indiaindiaindia',
  'jaishreeram12345',
  'bharatmatakijai',
  'incredibleindia',
])

function normal(password: string): string {
  return password.normalize('NFC')
}

/** Fewest characters of a password: fewer where a second factor stands beside it. */
export function passwordMin(hasSecondFactor: boolean): number {
  return hasSecondFactor ? lengthMinBesideSecondFactor : lengthMin
}

/** Whether it may be the only factor. */
export function isLongPassword(password: string): boolean {
  return Array.from(normal(password)).length >= lengthMin
}

/**
 * Refuses a password that is short, common, or made of the context (NIST SP 800-63B-4): no rules of composition, no
 * expiry. `context` is what stands around the login: address, name.
 */
export function checkPassword(
  password: string,
  { context, hasSecondFactor }: { readonly context: readonly string[]; readonly hasSecondFactor: boolean },
): void {
  const text = normal(password)
  const { length } = Array.from(text)
  const refuse = (code: string, detail: string): never => {
    throw new AppError('invalid', detail, {
      problem: 'password_refused',
      errors: [{ pointer: '/password', code, detail }],
    })
  }
  const min = passwordMin(hasSecondFactor)
  if (length < min) refuse('too_short', `a password has at least ${min} characters`)
  if (length > lengthMax) refuse('too_long', `a password has at most ${lengthMax} characters`)
  const lower = text.toLowerCase()
  const bare = lettersOf(lower)
  if (isCommon(lower) || isCommon(bare) || new Set(bare.length < min ? lower : bare).size < 5)
    refuse('too_common', 'this password is among the first that are tried')
  const words = ['smartreturns', ...context, ...context.flatMap((word) => word.split(/[^\p{L}\p{N}]+/u))]
    .map((word) => lettersOf(word.normalize('NFC').toLowerCase()))
    .filter((word) => word.length > 3)
    .toSorted((a, b) => b.length - a.length)
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), bare)
  if (rest.length < bare.length && rest.length < lengthMinBesideSecondFactor)
    refuse('too_close', 'the password is mostly the name, the address or the product')
}

function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** On a list as it stands, or one that is written several times. */
function isCommon(text: string): boolean {
  const known = (word: string) => common.has(word) || foundPasswords().has(word)
  if (known(text)) return true
  const unit = /^(.{4,}?)\1+$/u.exec(text)?.[1]
  return unit !== undefined && known(unit)
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
