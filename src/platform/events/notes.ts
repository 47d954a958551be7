import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/**
 * Signed notes as transparency logs write them (C2SP signed-note and tlog-checkpoint): lines of text, an empty line, and a
 * line with the name of the key and its Ed25519 signature over the text.
 */

export type NoteKey = { readonly name: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject | null }

const signatureMark = '\u2014 '
const ed25519 = 1

/** The 32 bytes of the public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')
}

export function newPrivateKey(): Buffer {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
}

export function noteKeyOf(pkcs8: Buffer): NoteKey {
  const privateKey = createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' })
  return { ...publicNoteKey(createPublicKey(privateKey)), privateKey }
}

/** The name tells the installation: a part of the hash of its key. */
export function publicNoteKey(publicKey: KeyObject): NoteKey {
  const hash = createHash('sha256').update(rawPublicKey(publicKey)).digest('hex')
  return { name: `smartreturns/${hash.slice(0, 16)}`, publicKey, privateKey: null }
}

function keyHash({ name, publicKey }: NoteKey): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ed25519]), rawPublicKey(publicKey)])
  return createHash('sha256').update(content).digest().subarray(0, 4)
}

/** `lines` follow the line with the key's name. */
export function signNote(key: NoteKey, lines: readonly string[]): string {
  const text = [key.name, ...lines, ''].join('\n')
  const signature = sign(null, Buffer.from(text, 'utf8'), key.privateKey!)
  return `${text}\n${signatureMark}${key.name} ${Buffer.concat([keyHash(key), signature]).toString('base64')}\n`
}

/** The lines after the name; null when it is no note of this key, or was changed. */
export function readNote(key: NoteKey, note: string): string[] | null {
  const end = note.indexOf(`\n\n${signatureMark}`)
  if (end < 0) return null
  const text = note.slice(0, end + 1)
  const signed = note.slice(end + 2).trimEnd()
  const [name, encoded] = signed.slice(signatureMark.length).split(' ')
  const bytes = Buffer.from(encoded ?? '', 'base64')
  if (name !== key.name || !bytes.subarray(0, 4).equals(keyHash(key))) return null
  if (!verify(null, Buffer.from(text, 'utf8'), key.publicKey, bytes.subarray(4))) return null
  const lines = text.split('\n').slice(0, -1)
  return lines[0] === key.name ? lines.slice(1) : null
}

export type Checkpoint = { readonly size: number; readonly root: Buffer; readonly at: string }

export function signCheckpoint(key: NoteKey, { size, root, at }: Checkpoint): string {
  return signNote(key, [String(size), root.toString('base64'), `time ${at}`])
}

export function readCheckpoint(key: NoteKey, note: string): Checkpoint | null {
  const lines = readNote(key, note)
  if (lines === null || lines.length < 3) return null
  const [size = '', root = '', time = ''] = lines
  if (!/^[1-9]\d{0,15}$/.test(size) || !time.startsWith('time ')) return null
  return { size: Number(size), root: Buffer.from(root, 'base64'), at: time.slice('time '.length) }
}
