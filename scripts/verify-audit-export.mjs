#!/usr/bin/env node
// Checks an audit export of SmartReturns by itself: Node, no packages, no network.
//
//   node verify-audit-export.mjs export.json [--key <public key, base64>]
//
// It proves that each record stands in the log whose state was signed (RFC 6962 inclusion proofs to the root of a signed
// checkpoint), that versions run from 1 without a gap, and that the installation has signed that these are all of them.
// Without --key the key in the file is used: compare the one that is printed with one that you have from elsewhere.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leafHash = (text) => sha256(Buffer.from([0]), Buffer.from(text, 'utf8'))
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right)

class Bad extends Error {}
const must = (holds, problem) => {
  if (!holds) throw new Bad(problem)
}

/** The lines of a signed note (C2SP signed-note), after its name; the signature is checked. */
function openNote(note, rawKey, what) {
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: rawKey.toString('base64url') },
    format: 'jwk',
  })
  const name = `smartreturns/${sha256(rawKey).toString('hex').slice(0, 16)}`
  const end = note.indexOf('\n\n\u2014 ')
  must(end > 0, `${what}: it is no signed note`)
  const text = note.slice(0, end + 1)
  const [signer, encoded] = note
    .slice(end + 4)
    .trim()
    .split(' ')
  const signature = Buffer.from(encoded ?? '', 'base64')
  const keyId = sha256(Buffer.from(`${name}\n`), Buffer.from([1]), rawKey).subarray(0, 4)
  must(signer === name && signature.subarray(0, 4).equals(keyId), `${what}: it was signed by another key`)
  must(verify(null, Buffer.from(text, 'utf8'), publicKey, signature.subarray(4)), `${what}: the signature is not right`)
  const lines = text.split('\n').slice(0, -1)
  must(lines[0] === name, `${what}: it is of another installation`)
  return lines.slice(1)
}

/** The root that a leaf and its proof lead to (RFC 9162, 2.1.3.2). */
function rootOf(leaf, index, size, proof) {
  let [fn, sn, hash] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (sn === 0) return null
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else hash = nodeHash(hash, sibling)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 ? hash : null
}

function check(file, pinnedKey) {
  const given = JSON.parse(readFileSync(file, 'utf8'))
  must(given.format === 'smartreturns-audit-export/1', `not an audit export: ${given.format}`)
  must(pinnedKey === undefined || pinnedKey === given.publicKey, 'the file names another key than --key')
  const key = Buffer.from(given.publicKey, 'base64')
  const [sizeText, rootText, signedAt] = openNote(given.checkpoint, key, 'checkpoint')
  const [size, root] = [Number(sizeText), Buffer.from(rootText, 'base64')]
  const leaves = given.records.map((record, i) => {
    const { seq, stream, version, type, micros, data, proof } = record
    must(stream === given.stream, `record ${seq}: it is of ${stream}`)
    must(version === i + 1, `record ${seq}: version ${version} stands where ${i + 1} belongs`)
    must(i === 0 || seq > given.records[i - 1].seq, `record ${seq}: it stands before an earlier one`)
    must(seq >= 1 && seq <= size, `record ${seq}: the checkpoint covers ${size}`)
    const leaf = leafHash([seq, stream, version, type, micros, data].join('|'))
    const led = rootOf(
      leaf,
      seq - 1,
      size,
      proof.map((hash) => Buffer.from(hash, 'base64')),
    )
    must(led !== null && led.equals(root), `record ${seq}: it is not what was signed`)
    return leaf
  })
  const [format, stream, count, all, under, saidAt] = openNote(given.statement, key, 'statement')
  must(format === given.format && stream === given.stream, 'statement: it is about something else')
  must(count === `records ${leaves.length}`, `statement: it speaks of ${count}, the file has ${leaves.length}`)
  must(under === `under ${size}`, 'statement: it is about another checkpoint')
  must(all === sha256(Buffer.concat(leaves)).toString('base64'), 'statement: it is about other records')
  console.log(`good: all ${leaves.length} records of ${stream}, in a log of ${size} records`)
  console.log(
    `      checkpoint signed ${signedAt.replace('time ', '')}, statement signed ${saidAt.replace('time ', '')}`,
  )
  console.log(`      key ${given.publicKey}${pinnedKey === undefined ? '  (from the file: compare it)' : ''}`)
}

try {
  const [file, option, key] = process.argv.slice(2)
  if (file === undefined || (option !== undefined && (option !== '--key' || key === undefined)))
    throw new Bad('usage: verify-audit-export.mjs export.json [--key <public key, base64>]')
  check(file, key)
} catch (error) {
  console.error(`BAD: ${error.message}`)
  process.exitCode = 1
}
