import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openDiskBlobs } from '#platform/blobs/disk.ts'
import { openSealedBlobs } from '#platform/blobs/sealed.ts'
import type { BlobKeys } from '#platform/secrets/port.ts'
import { blobsSuite } from './blobs.ts'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-sealed-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function someKeys(): BlobKeys & { readonly rotate: () => void; readonly forget: (id: string) => void } {
  const keys = new Map<string, Buffer>()
  let current = ''
  const rotate = () => {
    current = randomBytes(6).toString('hex')
    keys.set(current, randomBytes(32))
  }
  rotate()
  return {
    rotate,
    forget: (id) => keys.delete(id),
    currentBlobKey: () => Promise.resolve({ id: current, key: keys.get(current)! }),
    blobKey: (id) => Promise.resolve(keys.get(id) ?? null),
  }
}

blobsSuite('disk, encrypted', (t) => Promise.resolve(openSealedBlobs(openDiskBlobs(newFolder(t)), someKeys())))

const chunkBytes = 65_536
const headerBytes = 4 + 12 + 60
const key = 'photo/01920000-0000-7000-8000-0000000000ab'
const other = 'photo/01920000-0000-7000-8000-0000000001ab'

test('a stored file is ciphertext, and nothing of it can be changed, moved or cut off unseen', async (t) => {
  const folder = newFolder(t)
  const keys = someKeys()
  const blobs = openSealedBlobs(openDiskBlobs(folder), keys)
  const path = join(folder, 'photo', 'ab', key.slice(6))
  const marker = Buffer.from('MARKER-of-a-person')
  const plain = Buffer.concat([marker, randomBytes(3 * chunkBytes), marker])
  await blobs.write(key, plain)
  const stored = readFileSync(path)
  const refusedAs = async (bytes: Buffer, what: string) => {
    writeFileSync(path, bytes)
    await assert.rejects(blobs.read(key), /not one that was sealed here/, what)
  }

  assert.ok(!stored.includes(marker))
  assert.equal(stored.length, headerBytes + plain.length + 4 * 16)
  for (const at of [0, 6, 20, headerBytes + 10, stored.length - 1]) {
    const changed = Buffer.from(stored)
    changed[at]! ^= 1
    await refusedAs(changed, `byte ${at} changed`)
  }
  const sealedChunk = chunkBytes + 16
  const [head, first, second, rest] = [
    stored.subarray(0, headerBytes),
    stored.subarray(headerBytes, headerBytes + sealedChunk),
    stored.subarray(headerBytes + sealedChunk, headerBytes + 2 * sealedChunk),
    stored.subarray(headerBytes + 2 * sealedChunk),
  ]
  await refusedAs(Buffer.concat([head, second, first, rest]), 'chunks swapped')
  await refusedAs(Buffer.concat([head, second, rest]), 'a chunk left out')
  await refusedAs(Buffer.concat([head, first, second]), 'the end cut off between chunks')
  await refusedAs(stored.subarray(0, stored.length - 100), 'the end cut off')
  await refusedAs(stored.subarray(0, headerBytes), 'no chunk left')
  await refusedAs(Buffer.concat([stored, Buffer.alloc(40)]), 'bytes at the end')
  await refusedAs(plain, 'a file in clear is no stored file')
  writeFileSync(path, stored)
  assert.ok(plain.equals(Buffer.from((await blobs.read(key))!)))

  await blobs.write(other, Buffer.from('of another'))
  writeFileSync(path, readFileSync(join(folder, 'photo', 'ab', other.slice(6))))
  await assert.rejects(blobs.read(key), /not one that was sealed here/, 'a file at the place of another')
})

test('large files go through in chunks, in and out', async (t) => {
  const blobs = openSealedBlobs(openDiskBlobs(newFolder(t)), someKeys())
  const piece = randomBytes(10_007)
  const pieces = 300
  async function* source() {
    for (let i = 0; i < pieces; i++) yield piece
  }
  await blobs.write(key, source())
  let bytes = 0
  let largest = 0
  for await (const chunk of (await blobs.stream(key))!) {
    bytes += chunk.length
    largest = Math.max(largest, chunk.length)
  }
  assert.equal(bytes, pieces * piece.length)
  assert.ok(largest <= chunkBytes)
  assert.ok((await blobs.read(key))!.every((byte, i) => byte === piece[i % piece.length]))
  assert.equal(await blobs.stream(other), null)
})

test('files of an older version and of an older key are sealed anew', async (t) => {
  const folder = newFolder(t)
  const disk = openDiskBlobs(folder)
  const keys = someKeys()
  const blobs = openSealedBlobs(disk, keys)
  await disk.write(key, Buffer.from('a photo of before'))
  await blobs.write(other, Buffer.from('under the first key'))
  const listed: string[] = []
  for await (const each of blobs.list()) listed.push(each)
  assert.deepEqual(listed.toSorted(), [key, other].toSorted())

  assert.equal(await blobs.rewrap(key), true)
  assert.equal(await blobs.rewrap(key), false, 'it is sealed already')
  assert.equal(Buffer.from((await blobs.read(key))!).toString(), 'a photo of before')
  const { id: old } = await keys.currentBlobKey()
  keys.rotate()
  assert.equal(Buffer.from((await blobs.read(other))!).toString(), 'under the first key', 'the old key still opens')
  for (const each of [key, other]) assert.equal(await blobs.rewrap(each), true)
  keys.forget(old)
  assert.equal(Buffer.from((await blobs.read(other))!).toString(), 'under the first key')
  assert.equal(await blobs.rewrap('photo/01920000-0000-7000-8000-0000000002ab'), false)
})
