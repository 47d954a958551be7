import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { completeErasures } from '#flows/erase-person.ts'
import { openSealedBlobs } from '#platform/blobs/sealed.ts'
import { openS3Blobs } from '#platform/blobs/s3.ts'
import { openTestApp, type Call } from '../support/app.ts'
import { engineUrl } from '../support/engines.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { newBucket, openWay } from '../support/s3.ts'

const { url, absent } = engineUrl('S3_URL')

const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#777' } })
  .jpeg()
  .toBuffer()

function upload(call: Call, key: string) {
  const head = `--xyz\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`
  const form = Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\r\n--xyz--\r\n')])
  const headers = { 'content-type': 'multipart/form-data; boundary=xyz', 'idempotency-key': key }
  return call('POST', '/api/files', form, headers)
}

test(
  'files in a bucket of S3: uploads and erasure, also while it is away',
  { skip: absent, timeout: 120_000 },
  async (t) => {
    const bucket = await newBucket(url, { isVersioned: true })
    const way = await openWay(t, url)
    const inner = openS3Blobs({ ...bucket.settings, endpoint: way.url, timeoutMs: 1500 })
    t.after(() => inner.close())
    const current = { id: 'abcdefabcdef', key: randomBytes(32) }
    const blobs = openSealedBlobs(inner, {
      currentBlobKey: () => Promise.resolve(current),
      blobKey: () => Promise.resolve(current.key),
    })
    const app = await openTestApp(t, {}, null, { blobs })
    const { ctx } = app
    const clientId = await givenClient(ctx)
    const hub = await givenHub(ctx)
    const [admin, worker] = [await app.as('admin'), await app.as('worker', [hub.id])]
    const files = async () => (await ctx.db.query('select 1 from files')).length
    const healed = async () => {
      way.set('open')
      const until = Date.now() + 15_000
      const isThere = () =>
        inner.read(`photo/${'0'.repeat(36)}`).then(
          () => true,
          () => false,
        )
      while (!(await isThere())) {
        assert.ok(Date.now() < until, 'it never heals')
        await sleep(100)
      }
    }

    await t.test('what was uploaded lies there encrypted and comes back', async () => {
      const kept = await upload(worker, 'upload-0')
      assert.equal(kept.status, 201, kept.text)
      const stored = Buffer.from((await inner.read(`photo/${kept.body.fileId}`))!)
      assert.equal(stored.subarray(0, 4).toString(), 'SRB1')
      const seen = await worker('GET', `/api/files/${kept.body.fileId}`)
      assert.deepEqual([seen.status, seen.bytes.subarray(0, 2).toString('hex')], [200, 'ffd8'])
    })
    for (const how of ['cut', 'silent'] as const)
      await t.test(
        `the bucket is ${how}: 503 with Retry-After, nothing is half done, and the same key works later`,
        async () => {
          const [before, objects] = [await files(), (await bucket.versions()).length]
          way.set(how)
          const refused = await upload(worker, `upload-${how}`)
          assert.deepEqual([refused.status, refused.body.code], [503, 'blobs_unavailable'])
          assert.ok(Number(refused.headers['retry-after']) >= 1)
          assert.doesNotMatch(refused.text, /127\.0\.0\.1|test-/)
          assert.equal(await files(), before)
          await healed()
          assert.equal((await bucket.versions()).length, objects)
          const kept = await upload(worker, `upload-${how}`)
          assert.deepEqual([kept.status, kept.headers['idempotent-replayed']], [201, undefined])
        },
      )

    await t.test(
      'a person is erased: no version of the photo is left, and a bucket that is away delays only that',
      async () => {
        const email = 'asha@example.com'
        const returned = await admin('POST', '/api/returns', {
          clientId,
          clientRef: 'S3-1',
          title: 'Cotton kurta',
          categoryId: 'fashion.apparel.ethnic',
          price: { amount: 79900, currency: 'INR' },
          pickupPincode: '560034',
          customer: { name: 'Asha Kumari', email },
        })
        assert.equal(returned.status, 201, returned.text)
        const id = returned.body.id as string
        const photo = (await upload(worker, 'upload-check')).body.fileId as string
        const received = await worker('POST', `/api/returns/${id}/receive`, {})
        assert.equal(received.status, 200, received.text)
        const rubric = (await worker('GET', '/api/quality/rubrics/fashion.apparel.ethnic')).body
        const asked = rubric.questions.filter((q: any) => q.required && !q.isConditional)
        const checked = await worker('POST', '/api/quality/check', {
          returnId: id,
          answers: Object.fromEntries(asked.map((q: any) => [q.id, q.answers[0].value])),
          photos: [{ fileId: photo, shot: rubric.shots[0].id }],
        })
        assert.equal(checked.status, 201, checked.text)
        const isLeft = async () => (await bucket.versions()).includes(`photo/${photo}`)
        assert.ok(await isLeft())

        const person = (await admin('POST', '/api/privacy/people/search', { email })).body.data[0].id
        const erase = () => admin('POST', `/api/privacy/people/${person}/erase`, { confirm: 'erase', evenIfOpen: true })
        way.set('cut')
        assert.equal((await erase()).status, 503)
        assert.equal((await admin('GET', `/api/returns/${id}`)).body.customer, null, 'the keys are gone at once')
        await healed()
        ctx.clock.ms += 300_000
        assert.equal(await completeErasures(ctx), 1)
        assert.equal(await isLeft(), false)
        assert.equal((await worker('GET', `/api/files/${photo}`)).status, 404)
        const words: string[] = []
        for await (const key of inner.list('erasure')) words.push(key)
        assert.equal(words.length, 1)
      },
    )
  },
)
