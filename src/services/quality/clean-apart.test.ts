import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { AppError } from '#kernel/errors.ts'
import { openPhotoWorkers } from './clean-apart.ts'

const photo = () =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
/** A worker that does what the first byte of the upload says. */
const script = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`)
const byFirstByte = script(`import { parentPort } from 'node:worker_threads'
parentPort.on('message', (bytes) => {
  if (bytes[0] === 1) for (;;) {}
  if (bytes[0] === 2) throw new Error('broken')
  if (bytes[0] === 3) { const all = []; for (;;) all.push(new Array(1e6).fill(bytes.length)) }
  if (bytes[0] === 4) process.exit(1)
  parentPort.postMessage({ ok: false, rejection: { kind: 'invalid', code: 'fine', detail: '' } })
})`)
const codeOf = (outcome: Awaited<ReturnType<ReturnType<typeof openPhotoWorkers>>>) =>
  outcome.ok ? 'taken' : outcome.rejection.code

test('a photo comes back from its thread as it would from here', async () => {
  const clean = openPhotoWorkers()
  const upload = await photo()
  const [first, second] = await Promise.all([clean(upload), clean(upload)])
  assert.ok(first.ok && second.ok)
  assert.equal(first.value.widthPixels, 64)
  assert.equal((await sharp(first.value.bytes).metadata()).format, 'jpeg')
  assert.ok(upload.length > 0, 'the upload itself is left alone')
  assert.equal(codeOf(await clean(Buffer.from('<svg onload="x"></svg>'))), 'photo_svg')
})

test('a thread that hangs, breaks, ends or eats memory costs its own photo and no other', async () => {
  const clean = openPhotoWorkers({ workersMax: 1, timeoutMs: 3000, script: byFirstByte })
  const beat = { count: 0 }
  const timer = setInterval(() => (beat.count += 1), 20)
  assert.equal(codeOf(await clean(new Uint8Array([1]))), 'photo_timeout')
  clearInterval(timer)
  assert.ok(beat.count > 50, 'this thread went on')
  for (const kind of [2, 3, 4]) {
    assert.match(codeOf(await clean(new Uint8Array([kind]))), /photo_(corrupt|timeout)/, `${kind}`)
    assert.equal(codeOf(await clean(new Uint8Array([9]))), 'fine')
  }
})

test('more than may wait are refused at once', async () => {
  const clean = openPhotoWorkers({ workersMax: 1, waitingMax: 2, timeoutMs: 300, script: byFirstByte })
  const results = await Promise.allSettled([1, 9, 9, 9, 9].map((kind) => clean(new Uint8Array([kind]))))
  const refused = results.filter((one) => one.status === 'rejected')
  assert.equal(refused.length, 2)
  assert.ok(refused.every((one) => one.reason instanceof AppError && one.reason.code === 'overloaded'))
})
