import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import type { Blobs } from '#platform/blobs/port.ts'
import { uuidv7 } from '#kernel/ids.ts'

const newKey = (kind = 'photo') => `${kind}/${uuidv7(Date.now())}`

/** What every engine of the blobs keeps to. */
export function blobsSuite(engine: string, open: (t: TestContext) => Promise<Blobs>): void {
  void test(`blobs: ${engine}`, async (t) => {
    const blobs = await open(t)

    await t.test('bytes come back as they went in', async () => {
      for (const size of [0, 1, 70_000, 3_000_000]) {
        const [key, bytes] = [newKey(), randomBytes(size)]
        await blobs.write(key, bytes)
        assert.ok(bytes.equals(await readAll(blobs, key)), `${size} bytes`)
      }
    })
    await t.test('what is not there is null', async () => {
      assert.equal(await blobs.read(newKey()), null)
    })
    await t.test('a second write takes the place of the first, whole', async () => {
      const key = newKey('report')
      await blobs.write(key, Buffer.from('a longer first text'))
      await blobs.write(key, Buffer.from('short'))
      assert.equal((await readAll(blobs, key)).toString(), 'short')
    })
    await t.test('a reader beside writers sees one of the texts, never a mixture', async () => {
      const key = newKey()
      const texts = Array.from({ length: 8 }, (_, i) => Buffer.alloc(200_000, String(i)))
      await blobs.write(key, texts[0]!)
      const writes = Promise.all(texts.map((bytes) => blobs.write(key, bytes)))
      for (let i = 0; i < 20; i++) {
        const seen = await readAll(blobs, key)
        assert.ok(texts.some((bytes) => bytes.equals(seen)))
      }
      await writes
    })
    await t.test('what was removed is gone, and may be removed again', async () => {
      const key = newKey()
      await blobs.write(key, Buffer.from('x'))
      await blobs.remove(key)
      await blobs.remove(key)
      assert.equal(await blobs.read(key), null)
    })
    await t.test('all keys are listed, or those of one kind', async () => {
      const [one, two] = [newKey('listed'), newKey('listed')]
      for (const key of [one, two]) await blobs.write(key, Buffer.from('x'))
      const listed = async (kind?: string): Promise<string[]> => {
        const keys: string[] = []
        for await (const key of blobs.list(kind)) keys.push(key)
        return keys.toSorted()
      }
      assert.deepEqual(await listed('listed'), [one, two].toSorted())
      assert.deepEqual(await listed('nothing'), [])
      const all = await listed()
      assert.ok(all.includes(one) && all.length > 2)
      await assert.rejects(async () => listed('../photo'), /not a kind of ours/)
    })
    await t.test('no key leads out of the store', async () => {
      const id = uuidv7(Date.now())
      const bad = [
        `../photo/${id}`,
        `photo/../${id}`,
        `photo/${id}/..`,
        `/photo/${id}`,
        `photo/${id}\n`,
        `photo/${id.toUpperCase()}`,
        `photo\\${id}`,
        `pho\0to/${id}`,
        `photo/${'.'.repeat(36)}`,
        `photo/${id}.tmp`,
        id,
        'photo/',
        '',
      ]
      for (const key of bad) {
        await assert.rejects(async () => blobs.write(key, Buffer.from('x')), /not a key of ours/, JSON.stringify(key))
        await assert.rejects(async () => blobs.read(key), /not a key of ours/)
        await assert.rejects(async () => blobs.remove(key), /not a key of ours/)
      }
    })
  })
}

async function readAll(blobs: Blobs, key: string): Promise<Buffer> {
  return Buffer.from((await blobs.read(key)) ?? assert.fail(`${key} is not there`))
}
