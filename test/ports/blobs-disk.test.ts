import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openDiskBlobs } from '#platform/blobs/disk.ts'
import { blobsSuite } from './blobs.ts'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-blobs-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

blobsSuite('disk', (t) => Promise.resolve(openDiskBlobs(join(newFolder(t), 'not', 'there', 'yet'))))

test('on disk only the owner reads files, and nothing half-written is left', async (t) => {
  const folder = newFolder(t)
  const blobs = openDiskBlobs(folder)
  const id = '01920000-0000-7000-8000-0000000000ab'
  await Promise.all(Array.from({ length: 5 }, (_, i) => blobs.write(`photo/${id}`, Buffer.from(`text ${i}`))))
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  assert.deepEqual(
    files.map((entry) => entry.name),
    [id],
  )
  assert.equal(statSync(join(files[0]!.parentPath, id)).mode & 0o777, 0o600)
  assert.equal(statSync(files[0]!.parentPath).mode & 0o777, 0o700)
})
