import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { openSealedBlobs } from '#platform/blobs/sealed.ts'
import { openS3Blobs } from '#platform/blobs/s3.ts'
import { engineUrl } from '../support/engines.ts'
import { newBucket, openWay } from '../support/s3.ts'
import { blobsSuite } from './blobs.ts'

const { url, absent } = engineUrl('S3_URL')
const newKey = (kind = 'photo') => `${kind}/${uuidv7(Date.now())}`

if (absent === false) {
  blobsSuite('s3', async (t) => {
    const blobs = openS3Blobs((await newBucket(url)).settings)
    t.after(() => blobs.close())
    return blobs
  })
  blobsSuite('s3 with versions, encrypted', async (t) => {
    const inner = openS3Blobs((await newBucket(url, { isVersioned: true })).settings)
    t.after(() => inner.close())
    const current = { id: 'abcdefabcdef', key: randomBytes(32) }
    return openSealedBlobs(inner, {
      currentBlobKey: () => Promise.resolve(current),
      blobKey: () => Promise.resolve(current.key),
    })
  })
}

test('s3: what is large goes in parts, and what breaks off on its way is not there', { skip: absent }, async (t) => {
  const bucket = await newBucket(url)
  const blobs = openS3Blobs(bucket.settings)
  t.after(() => blobs.close())
  const piece = randomBytes(1_000_003)
  async function* pieces(count: number, breaksAt = Infinity) {
    for (let at = 0; at < count; at++) {
      if (at === breaksAt) throw new Error('the sender is gone')
      yield piece
    }
  }
  const key = newKey('import')
  await blobs.write(key, pieces(21))
  const whole = await blobs.read(key)
  assert.equal(whole?.length, 21 * piece.length)
  for (let at = 0; at < 21; at++)
    assert.ok(piece.equals(whole.subarray(at * piece.length, (at + 1) * piece.length)), `piece ${at}`)

  for (const breaksAt of [3, 12]) {
    const broken = newKey('import')
    await assert.rejects(blobs.write(broken, pieces(21, breaksAt)), /the sender is gone/)
    assert.equal(await blobs.read(broken), null)
  }
  assert.deepEqual(await bucket.versions(), [key])
})

test('s3: a list goes on past the thousand keys of one answer', { skip: absent }, async (t) => {
  const blobs = openS3Blobs((await newBucket(url)).settings)
  t.after(() => blobs.close())
  const keys = Array.from({ length: 1010 }, () => newKey())
  for (let at = 0; at < keys.length; at += 20)
    await Promise.all(keys.slice(at, at + 20).map((key) => blobs.write(key, Buffer.from('x'))))
  const listed: string[] = []
  for await (const key of blobs.list('photo')) listed.push(key)
  assert.deepEqual(listed.toSorted(), keys.toSorted())
})

test('s3: where the bucket keeps versions, removing leaves none behind', { skip: absent }, async (t) => {
  const bucket = await newBucket(url, { isVersioned: true })
  const blobs = openS3Blobs(bucket.settings)
  t.after(() => blobs.close())
  const [gone, kept] = [newKey(), newKey()]
  for (const text of ['one', 'two', 'three']) await blobs.write(gone, Buffer.from(text))
  await blobs.write(kept, Buffer.from('of another'))
  assert.equal((await bucket.versions()).length, 4)
  await blobs.remove(gone)
  assert.deepEqual(await bucket.versions(), [kept])
})

test(
  's3: a server that is gone, silent or without the bucket is told as unavailable, and heals',
  { skip: absent },
  async (t) => {
    const bucket = await newBucket(url)
    const way = await openWay(t, url)
    const blobs = openS3Blobs({ ...bucket.settings, endpoint: way.url, timeoutMs: 1000 })
    const nowhere = openS3Blobs({ ...bucket.settings, bucket: 'no-such-bucket' })
    t.after(() => Promise.all([blobs.close(), nowhere.close()]))
    const key = newKey()
    await blobs.write(key, Buffer.from('before'))
    const isUnavailable = (error: unknown) =>
      error instanceof AppError && error.problem === 'blobs_unavailable' && error.retryAfterSeconds! > 0

    for (const how of ['cut', 'silent'] as const) {
      way.set(how)
      const began = performance.now()
      const works = [blobs.write(newKey(), Buffer.from('x')), blobs.read(key), blobs.remove(key)]
      await Promise.all(works.map((work) => assert.rejects(work, isUnavailable, how)))
      assert.ok(performance.now() - began < 3000, `${how}: ${performance.now() - began} ms`)
      way.set('open')
      const until = Date.now() + 10_000
      // The breaker lets one call through after a while.
      while ((await blobs.read(key).catch(() => undefined)) === undefined) {
        assert.ok(Date.now() < until, 'it never heals')
        await sleep(100)
      }
    }
    assert.equal(String(Buffer.from((await blobs.read(key))!)), 'before')
    await assert.rejects(nowhere.write(newKey(), Buffer.from('x')), isUnavailable)
    await assert.rejects(async () => {
      for await (const _ of nowhere.list()) assert.fail('a bucket that is not there has no keys')
    }, isUnavailable)
  },
)
