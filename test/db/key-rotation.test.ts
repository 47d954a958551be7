import assert from 'node:assert/strict'
import { createCipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { submitReturns } from '#flows/submit-returns.ts'
import { openDiskBlobs } from '#platform/blobs/disk.ts'
import { openSealedBlobs } from '#platform/blobs/sealed.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { readKeyStatus, retireKeys, rotateKeys } from '#platform/secrets/rotate.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { openTestContext } from '../support/context.ts'
import { command, givenClient, submission } from '../support/given.ts'

async function openInstallation(t: TestContext) {
  const ctx = await openTestContext(t, { poolMax: 10 })
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-rotation-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const masterKeyFile = join(folder, 'keys', 'master.key')
  const disk = openDiskBlobs(join(folder, 'blobs'))
  /** A process of this installation. */
  const open = async () => {
    const secrets = await openLocalSecrets({ db: ctx.db, masterKeyFile, now: ctx.now, keysKept: 5 })
    return { ...ctx, secrets, blobs: openSealedBlobs(disk, secrets) }
  }
  return { ctx, masterKeyFile, open, clientId: await givenClient(ctx) }
}

const place = { table: 'return_items', row: '1', field: 'customer' }
const lines = (file: string) => readFileSync(file, 'utf8').trim().split('\n')

test('row 57: the master key is rotated under load; old and new are read all the while', async (t) => {
  const { ctx, masterKeyFile, open, clientId } = await openInstallation(t)
  const [serving, also, rotating] = [await open(), await open(), await open()]
  const sealAs = async (process: typeof serving, names: readonly string[]) => {
    const requests = names.map((plain) => ({
      personId: process.secrets.personId(clientId, plain),
      clientId,
      plain,
      place,
    }))
    const sealed = await process.secrets.seal(requests)
    return requests.map(({ personId, plain }, i) => ({ personId, plain, sealed: sealed[i]!, place }))
  }
  const all = await sealAs(
    serving,
    Array.from({ length: 300 }, (_, i) => `person ${i}`),
  )
  const photos = Array.from({ length: 5 }, () => `photo/${uuidv7(ctx.now())}`)
  for (const key of photos) await serving.blobs.write(key, Buffer.from(`bytes of ${key}`))
  const before = await readKeyStatus(serving)
  const gone = all[250]!

  await t.test('persons are sealed and opened by two processes while it runs', async () => {
    const stop = new AbortController()
    let [reads, writes] = [0, 0]
    const load = async (process: typeof serving, name: string) => {
      while (!stop.signal.aborted) {
        all.push(...(await sealAs(process, [`${name} ${writes++}`, `${name} ${writes++}`])))
        const some = Array.from({ length: 20 }, (_, i) => all[(reads * 7 + i) % all.length]!).filter(
          (each) => each !== gone,
        )
        assert.deepEqual(
          await process.secrets.open(some),
          some.map((each) => each.plain),
        )
        reads += 1
      }
    }
    const loads = [load(serving, 'first'), load(also, 'second')]
    let erased = false
    const done = await rotateKeys(rotating, 'test', {
      batch: 20,
      progress: () => {
        if (erased) return
        erased = true
        void ctx.db.query('update person_keys set wrapped_key = null, erased_at = now() where person_id = $1', [
          gone.personId,
        ])
      },
    })
    stop.abort()
    await Promise.all(loads)
    assert.equal(done.isResumed, false)
    assert.ok(done.persons >= 299 && done.blobs === photos.length, JSON.stringify(done))
    assert.ok(reads > 3 && writes > 6, `${reads} reads, ${writes} writes beside it`)
  })
  await t.test('nothing is wrapped by an old key any more, and an erasure meanwhile was not undone', async () => {
    const status = await readKeyStatus(serving)
    assert.equal(status.isRotating, false)
    const old = new Set(before.keys.map((key) => key.id))
    for (const key of status.keys) assert.equal(key.isCurrent, !old.has(key.id))
    assert.ok(status.keys.every((key) => key.isCurrent || key.persons === 0))
    assert.deepEqual(await serving.secrets.open([gone]), [null])
    assert.equal(lines(masterKeyFile).length, 2)
  })
  await t.test('old keys end only by a word of their own, and a new process reads all without them', async () => {
    assert.equal((await retireKeys(rotating, 'test')).retired, 0, 'a file that is still being written may need them')
    ctx.clock.ms += 11 * 60_000
    assert.equal((await retireKeys(rotating, 'test')).retired, 2)
    assert.equal(lines(masterKeyFile).length, 1)
    const fresh = await open()
    const kept = all.filter((each) => each !== gone)
    assert.deepEqual(
      await fresh.secrets.open(kept),
      kept.map((each) => each.plain),
    )
    for (const key of photos) assert.equal(Buffer.from((await fresh.blobs.read(key))!).toString(), `bytes of ${key}`)
    assert.equal(fresh.secrets.personId(clientId, 'person 3'), all[3]!.personId, 'persons keep their ids')
  })
  await t.test('the log tells who rotated and retired, and its chain holds', async () => {
    const rows = await ctx.db.query<{ type: string }>("select type from events where stream like 'keys-%' order by seq")
    assert.deepEqual(
      rows.map((row) => row.type),
      ['KeyRotationStarted', 'KeyRotationFinished', 'KeysRetired'],
    )
    assert.equal((await verifyAudit(ctx.db)).isIntact, true)
  })
})

test('a rotation that was interrupted is gone on with, not begun again', async (t) => {
  const { masterKeyFile, open, clientId } = await openInstallation(t)
  const process = await open()
  const requests = Array.from({ length: 100 }, (_, i) => ({
    personId: process.secrets.personId(clientId, `p${i}`),
    clientId,
    plain: `p${i}`,
    place,
  }))
  const sealed = await process.secrets.seal(requests)
  const items = requests.map(({ personId }, i) => ({ personId, sealed: sealed[i]!, place }))
  const plain = requests.map((each) => each.plain)
  class Killed extends Error {}
  const kill = ({ persons }: { persons: number }) => {
    if (persons >= 40) throw new Killed()
  }
  await assert.rejects(rotateKeys(process, 'test', { batch: 20, progress: kill }), Killed)
  assert.equal((await readKeyStatus(process)).isRotating, true)
  assert.deepEqual(await (await open()).secrets.open(items), plain, 'old and new open in between')
  assert.equal((await retireKeys(process, 'test')).retired, 0, 'nothing is retired in the middle')

  const done = await rotateKeys(await open(), 'test', { batch: 20 })
  assert.deepEqual([done.isResumed, done.persons], [true, 100])
  assert.equal(lines(masterKeyFile).length, 2, 'one new master key, not two')
  assert.deepEqual(await (await open()).secrets.open(items), plain)
})

test('a newer master key that an operator has put into the file is the one to turn to', async (t) => {
  const { masterKeyFile, open } = await openInstallation(t)
  const process = await open()
  writeFileSync(masterKeyFile, `${randomBytes(32).toString('base64')}\n${readFileSync(masterKeyFile, 'utf8')}`)
  await rotateKeys(process, 'test')
  assert.equal(lines(masterKeyFile).length, 2)
  writeFileSync(masterKeyFile, `${lines(masterKeyFile)[0]}\n`)
  await open()
})

test('an installation of before there were wrapping keys goes on: persons keep their ids, texts open', async (t) => {
  const { ctx, masterKeyFile, open, clientId } = await openInstallation(t)
  const master = randomBytes(32)
  mkdirSync(dirname(masterKeyFile), { recursive: true })
  writeFileSync(masterKeyFile, master.toString('base64'))
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `smartreturns ${purpose}`, 32))
  const encrypt = (key: Buffer, plain: Uint8Array, context: string) => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  const mark = createHmac('sha256', master).update('smartreturns key check').digest()
  const personId = createHmac('sha256', derive('person ids'))
    .update(`${clientId}|asha@example.com`)
    .digest('base64url')
    .slice(0, 22)
  const key = randomBytes(32)
  const sealed = `1.${encrypt(key, Buffer.from('Asha'), `sealed|${personId}`).toString('base64')}`
  await ctx.db.query(
    `insert into installation_secrets (name, sealed, created_at) values ('master_key_check', $1, now()), ('token_signing_key', $2, now())`,
    [mark, encrypt(derive('installation secrets'), Buffer.from('a signing key'), 'installation')],
  )
  await ctx.db.query(
    'insert into person_keys (person_id, client_id, wrapped_key, master_key_id, created_at) values ($1, $2, $3, $4, now())',
    [
      personId,
      clientId,
      encrypt(derive('person keys'), key, `person|${personId}`),
      mark.subarray(0, 6).toString('hex'),
    ],
  )

  writeFileSync(masterKeyFile, randomBytes(32).toString('base64'))
  await assert.rejects(open(), { problem: 'master_key_wrong' })
  rmSync(masterKeyFile)
  await assert.rejects(open(), { problem: 'master_key_missing' })
  writeFileSync(masterKeyFile, master.toString('base64'))
  const [one, two] = await Promise.all([open(), open()])
  for (const { secrets } of [one, two, await open()]) {
    assert.equal(secrets.personId(clientId, 'asha@example.com'), personId)
    assert.deepEqual(await secrets.open([{ personId, sealed, place }]), ['Asha'])
    const [row] = await ctx.db.query<{ sealed: Buffer }>(
      `select sealed from installation_secrets where name = 'token_signing_key'`,
    )
    assert.equal(secrets.openBytes(row!.sealed).toString(), 'a signing key')
  }
  await rotateKeys(one, 'test')
  assert.deepEqual(await two.secrets.open([{ personId, sealed, place }]), ['Asha'])
  const customer = { email: 'asha@example.com', name: 'Asha again' }
  const [answer] = await submitReturns({ ...ctx, secrets: two.secrets }, [command(submission(clientId, { customer }))])
  assert.equal(answer!.outcome.ok, true)
})
