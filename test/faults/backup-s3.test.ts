import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { engineUrl } from '../support/engines.ts'
import { ask, commandLine, end, type Program, start } from '../support/program.ts'
import { newBucket } from '../support/s3.ts'

const { url, absent } = engineUrl('S3_URL')

async function signIn({ url: at }: Program): Promise<string> {
  const login = { email: 'admin@demo.smartreturns.local', password: 'demo admin holds the keys' }
  return (await ask(at, null, 'POST', '/api/auth/login', login)).body.accessToken as string
}

async function upload({ url: at }: Program, token: string): Promise<string> {
  const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#777' } })
    .jpeg()
    .toBuffer()
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), 'a.jpg')
  const answer = await fetch(`${at}/api/files`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${token}` },
  })
  assert.equal(answer.status, 201)
  return ((await answer.json()) as { fileId: string }).fileId
}

const photoStatus = async ({ url: at }: Program, token: string, id: string) =>
  (await fetch(`${at}/api/files/${id}`, { headers: { authorization: `Bearer ${token}` } })).status

test(
  'a backup holds the files of a bucket, goes into another bucket or onto a disk, and erasures of the old bucket count',
  { skip: absent, timeout: 300_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-backup-s3-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const [old, next] = await Promise.all([newBucket(url), newBucket(url)])
    const data = join(folder, 'data')
    const port = 23_000 + (process.pid % 17_000)
    const program = await start(data, port, old.env)
    t.after(() => (program.child.exitCode ?? program.child.signalCode) === null && end(program.child, 'SIGKILL'))
    const token = await signIn(program)
    const { id: clientId } = (await ask(program.url, token, 'POST', '/api/clients', { code: 'acme', name: 'Acme' }))
      .body
    const submitted = await ask(program.url, token, 'POST', '/api/returns', {
      clientId,
      clientRef: 'R-1',
      title: 'Kurta',
      categoryId: 'fashion.apparel.ethnic',
      price: { amount: 79900, currency: 'INR' },
      pickupPincode: '560034',
      customer: { name: 'Zebulon', email: 'z@example.com' },
    })
    assert.equal(submitted.status, 201)
    const photo = await upload(program, token)
    assert.equal(existsSync(join(data, 'blobs')), false, 'nothing lies on the disk')

    const made = commandLine(data, ['backup', '--to', join(folder, 'backups'), '--json'], old.env)
    assert.equal(made.status, 0, made.stderr)
    const { file } = JSON.parse(made.stdout) as { file: string }
    const { body } = await ask(program.url, token, 'POST', '/api/privacy/people/search', { email: 'z@example.com' })
    const erase = { confirm: 'erase', reason: 'request', evenIfOpen: true }
    const erased = await ask(program.url, token, 'POST', `/api/privacy/people/${body.data[0].id}/erase`, erase)
    assert.equal(erased.status, 200)
    await end(program.child, 'SIGTERM')

    const settings = { SMARTRETURNS_MASTER_KEY_FILE: `${data}.key` }
    const into = (to: string, env: Readonly<Record<string, string>>) =>
      commandLine(data, ['restore', file, '--to', join(folder, to), '--erasures', `s3:${old.bucket}`], {
        ...settings,
        ...env,
      })
    const refused = into('refused', old.env)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /holds files: a backup is put into a new one/)
    assert.equal(existsSync(join(folder, 'refused')), false)

    const bucketOnly = { ...old.env, SMARTRETURNS_S3_BUCKET: next.bucket }
    for (const [to, env] of [
      ['bucket', bucketOnly],
      ['disk', {}],
    ] as const)
      await t.test(`restored onto ${to}`, async () => {
        const restored =
          to === 'bucket' ? into(to, env) : commandLine(data, ['restore', file, '--to', join(folder, to)], settings)
        assert.equal(restored.status, 0, restored.stderr)
        assert.match(restored.stdout, to === 'bucket' ? /erasures since then: 1/ : /erasures since then: 0/)
        for (const args of [['check'], ['replay', '--verify'], ['verify-audit']])
          assert.equal(commandLine(join(folder, to), args, { ...settings, ...env }).status, 0, args.join(' '))
        const again = await start(join(folder, to), port, { ...settings, ...env })
        try {
          const now = await signIn(again)
          assert.equal(await photoStatus(again, now, photo), 200)
          const path = `/api/returns/${submitted.body.id}`
          const customer = async () => (await ask(again.url, now, 'GET', path)).body.customer ?? null
          if (to === 'disk') assert.equal((await customer()).name, 'Zebulon')
          else
            for (let tries = 0; (await customer()) !== null; tries++, await sleep(200))
              assert.ok(tries < 100, 'who was erased since is never erased again')
        } finally {
          await end(again.child, 'SIGTERM')
        }
        assert.equal(existsSync(join(folder, to, 'blobs')), to === 'disk')
      })
  },
)
