import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { verifyReplay } from '#flows/replay.ts'
import { openDiskBlobs } from '#platform/blobs/disk.ts'
import { openSealedBlobs } from '#platform/blobs/sealed.ts'
import { connectToRunning } from '#platform/db/embedded.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openEventLog } from '#platform/events/store.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { retireKeys, rotateKeys } from '#platform/secrets/rotate.ts'
import { contextOn } from '../support/context-on.ts'

const root = resolve(import.meta.dirname, '..', '..')
const readyTimeoutMs = 120_000

type Program = { readonly child: ChildProcess; readonly url: string; readonly output: () => string }

function environment(data: string, port = 0): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, TEST_DATABASE_URL: __, ...rest } = process.env
  return {
    ...rest,
    NODE_ENV: 'development',
    PORT: String(port),
    SMARTRETURNS_DATA: data,
    SMARTRETURNS_WEB: '0',
    SMARTRETURNS_DEMO: '1',
    SMARTRETURNS_DEMO_RETURNS: '0',
    SMARTRETURNS_LOG: 'debug',
  }
}

function launch(data: string, port: number): Program {
  const child = spawn(process.execPath, [join(root, 'src/app/serve.ts')], {
    cwd: root,
    env: environment(data, port),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { child, url: `http://127.0.0.1:${port}`, output: () => output }
}

async function ready({ child, url, output }: Program): Promise<void> {
  for (const until = Date.now() + readyTimeoutMs; Date.now() < until; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`it ended:\n${output()}`)
    const isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (isReady) return
  }
  throw new Error(`it was never ready:\n${output()}`)
}

async function end({ child }: Program): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}

/** What a text looks like in the ways in which bytes of it may lie about. */
function shapesOf(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  // In base64 a text stands in three ways, by where it begins; its edges mix with what is beside it.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift, 'x'), bytes, Buffer.from('xx')])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  )
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    ...base64.map((each) => Buffer.from(each)),
  ]
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Which of these texts stand where, in any shape. */
function scan(places: Readonly<Record<string, Buffer>>, texts: readonly string[]): string[] {
  const shapes = texts.map((text) => ({ text, shapes: shapesOf(text) }))
  return Object.entries(places).flatMap(([place, bytes]) =>
    shapes
      .filter(({ shapes: of }) => of.some((shape) => bytes.includes(shape)))
      .map(({ text }) => `${text} in ${place}`),
  )
}

const scanFolders = (folders: readonly string[], texts: readonly string[]) =>
  folders.flatMap((folder) =>
    filesOf(folder).flatMap((path) => scan({ [path.slice(folder.length)]: readFileSync(path) }, texts)),
  )

test('row 58: of an erased person nothing is left, anywhere', { timeout: 600_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-erasure-'))
  const data = join(folder, 'data')
  const keyFile = `${data}.key`
  const port = 41_000 + (process.pid % 20_000)
  const program = launch(data, port)
  t.after(async () => {
    await end(program)
    rmSync(folder, { recursive: true, force: true })
  })
  await ready(program)
  const { url } = program

  const unique = randomBytes(5).toString('hex')
  const digits = String(7_000_000_000 + (Number.parseInt(unique.slice(0, 6), 16) % 999_999_999))
  const person = {
    ref: `zqxref${unique}`,
    name: `Zqxname${unique} Kumari`,
    email: `zqxmail${unique}@example.com`,
    phone: `+91${digits}`,
    address: `12 Zqxroad${unique}, Bengaluru`,
    note: `Zqxnote${unique}: the zip is broken`,
  }
  const staff = ['check', 'decision', 'review', 'feedback'].map((of) => `Zqx${of}${unique}`)
  const exif = `Zqxexif${unique}`
  const cell = `Zqxcell${unique}`
  const texts = [
    person.ref,
    `Zqxname${unique}`,
    `zqxmail${unique}`,
    digits,
    `Zqxroad${unique}`,
    `Zqxnote${unique}`,
    ...staff,
    exif,
    cell,
  ]
  /** No personal data: it must be found, or the search for the others proves nothing. */
  const control = `Zqxtitle${unique}`

  let token = ''
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isForm = body instanceof FormData
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    })
    const text = await response.text()
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : null }
  }
  const done = async (...call: Parameters<typeof ask>) => {
    const answer = await ask(...call)
    assert.ok(answer.status < 300, `${call[0]} ${call[1]}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  const login = { email: 'admin@demo.smartreturns.local', password: 'demo admin holds the keys' }
  token = (await done('POST', '/api/auth/login', login)).accessToken
  const clientId = (await done('POST', '/api/clients', { code: 'acme', name: 'Acme' })).id
  const hub = { code: 'BLR-9', name: 'Bengaluru', pincode: '560066', capacity: 100, minutesPerDay: 900 }
  const hubId = (await done('POST', '/api/hubs', { ...hub, capabilities: ['battery', 'textile'] })).id
  const unit = (ref: string, more = {}) => ({
    clientId,
    clientRef: `${ref}-${unique}`,
    title: `${control} kurta`,
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79900, currency: 'INR' },
    reasonCode: 'size_or_fit',
    pickupPincode: '560034',
    customer: person,
    ...more,
  })

  const first = (await done('POST', '/api/returns', unit('one'), { 'idempotency-key': `key-${unique}` })).id
  const second = (await done('POST', '/api/returns', unit('two', { price: { amount: 99_000_000, currency: 'INR' } })))
    .id
  const bulk = await ask('POST', '/api/returns', {
    items: [unit('three'), unit('four', { pickupPincode: person.note })],
  })
  assert.equal(bulk.body.results[1].status, 400)
  const photo = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#777' } })
    .withExif({ IFD0: { Copyright: exif, ImageDescription: exif } })
    .jpeg()
    .toBuffer()
  assert.ok(photo.includes(exif))
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), `${exif}.jpg`)
  const { fileId } = await done('POST', '/api/files', form)
  await done('POST', `/api/returns/${first}/receive`, { hubId })
  const rubric = await done('GET', '/api/quality/rubrics/fashion.apparel.ethnic')
  const asked = rubric.questions.filter((q: any) => q.required && !q.isConditional)
  await done('POST', '/api/quality/check', {
    returnId: first,
    answers: Object.fromEntries(asked.map((q: any) => [q.id, q.answers[0].value])),
    photos: [{ fileId, shot: rubric.shots[0].id }],
    note: staff[0],
  })
  if ((await done('GET', `/api/returns/${first}`)).needsReview)
    await done('PUT', `/api/workflow/${first}/stage`, { stage: 'validated' })
  await done('PUT', `/api/workflow/${second}/stage`, { stage: 'rejected', note: staff[2] })
  await done('POST', `/api/returns/${first}/disposition`, { note: staff[1] })
  await done('POST', '/api/ai/feedback', {
    returnId: first,
    recommendationId: (await done('GET', `/api/returns/${first}`)).recommendationDetail.id,
    kind: 'helpful',
    note: staff[3],
  })
  const table = `clientRef,title,categoryId,price,reasonCode,pickupPincode,customerName\nimp-${unique},${control},fashion.apparel.ethnic,${cell},size_or_fit,560034,x\n`
  const file = new FormData()
  file.append('clientId', clientId)
  file.append('mapping', 'smartreturns-csv')
  file.append('file', new Blob([table], { type: 'text/csv' }), 'table.csv')
  const job = await done('POST', '/api/imports', file)
  let imported = await done('GET', `/api/imports/${job.id}`)
  for (const until = Date.now() + 60_000; imported.state !== 'done' && Date.now() < until; await sleep(200))
    imported = await done('GET', `/api/imports/${job.id}`)
  assert.ok(imported.errorsFileId, JSON.stringify(imported))
  const report = await done('POST', '/api/analytics/reports', { kind: 'returns', format: 'csv' })

  const open = () =>
    openPostgres({
      connectionString: connectToRunning(data) ?? assert.fail('the database does not run'),
      poolMax: 2,
      applicationName: 'test',
      engine: 'embedded',
      statementTimeoutMs: 60_000,
    })
  const db = open()
  const [cluster] = await db.query<{ path: string }>(`select current_setting('data_directory') as path`)
  const disk = cluster!.path.startsWith(folder) ? [folder] : [folder, cluster!.path]

  await t.test(
    'while the person is known, the data open to who may see them, and to nobody who has the disk',
    async () => {
      assert.equal((await done('GET', `/api/returns/${first}`)).customer.name, person.name)
      assert.ok((await ask('GET', `/api/files/${imported.errorsFileId}`)).text.includes(cell))
      const { id } = (await done('POST', '/api/privacy/people/search', { ref: person.ref })).data[0]
      const told = (await ask('GET', `/api/privacy/people/${id}/export`)).text
      for (const text of texts) if (![exif, cell].includes(text)) assert.ok(told.includes(text), `${text} is kept`)
      assert.ok((await ask('POST', '/api/privacy/people/search', { email: person.email })).body.data.length === 1)
      assert.deepEqual(scanFolders(disk, texts), [], 'nothing stands on the disk in clear')
      assert.ok(scanFolders(disk, [control]).length > 0, 'the search finds what does stand there')
    },
  )

  const [found] = (await done('POST', '/api/privacy/people/search', { phone: person.phone })).data
  const [wrapped] = await db.query<{ key: Buffer; by: string }>(
    'select wrapped_key as key, master_key_id as by from person_keys where person_id = $1',
    [found.id],
  )
  const wrappingRows = () => db.query<{ id: string; wrapped: string }>('select id, wrapped from wrapping_keys')
  const keptWrapping = await wrappingRows()
  copyFileSync(keyFile, join(folder, 'master-of-before'))
  const erased = await done('POST', `/api/privacy/people/${found.id}/erase`, { confirm: 'erase', evenIfOpen: true })

  await t.test('no door of the program shows anything of the person', async () => {
    assert.ok(erased.finishedAt && erased.returns === 3 && erased.files === 2, JSON.stringify(erased))
    const doors: Record<string, string> = {}
    const paths = [
      ...[first, second, bulk.body.results[0].receipt?.id ?? first].flatMap((id) => [
        `/api/returns/${id}`,
        `/api/returns/${id}/timeline`,
        `/api/quality/${id}`,
        `/api/workflow/${id}`,
        `/api/returns/${id}/explanation`,
      ]),
      '/api/returns?limit=200',
      '/api/audit?limit=200',
      `/api/files/${imported.errorsFileId}`,
      `/api/files/${fileId}`,
      `/api/imports/${job.id}`,
      `/api/jobs/${report.id}`,
      `/api/privacy/people/${found.id}`,
      `/api/privacy/people/${found.id}/export`,
      `/api/privacy/people/${found.id}/export?format=csv`,
    ]
    for (const path of paths) doors[path] = (await ask('GET', path)).text
    for (const by of [{ email: person.email }, { ref: person.ref }])
      doors[`search ${Object.keys(by)[0]}`] = (await ask('POST', '/api/privacy/people/search', by)).text
    const repeat = await ask('POST', '/api/returns', unit('one'), { 'idempotency-key': `key-${unique}` })
    doors['the stored answer'] = repeat.text
    const job2 = await done('GET', `/api/jobs/${report.id}`)
    if (job2.result?.fileId !== undefined)
      doors['a report'] = (await ask('GET', `/api/files/${job2.result.fileId}`)).text
    const places = Object.fromEntries(Object.entries(doors).map(([name, text]) => [name, Buffer.from(text)]))
    assert.deepEqual(scan(places, texts), [])
    assert.ok(scan(places, [control]).length > 0)
    assert.equal((await ask('GET', `/api/files/${fileId}`)).status, 404)
    assert.equal((await ask('GET', `/api/files/${imported.errorsFileId}`)).status, 404)
  })
  await t.test(
    'no row of any table, the queue of jobs and the log among them, and no word of the process does',
    async () => {
      const tables = await db.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
      )
      assert.ok(tables.some(({ name }) => name.startsWith('pgboss.')))
      const places: Record<string, Buffer> = { 'output of the process': Buffer.from(program.output()) }
      for (const { name } of tables) {
        const rows = await db.query<{ line: string }>(`select r::text as line from ${name} r`)
        places[name] = Buffer.from(rows.map((row) => row.line).join('\n'))
      }
      assert.deepEqual(scan(places, texts), [])
      assert.ok(scan(places, [control]).some((hit) => hit.includes('public.events')))
      const left = await db.query('select 1 from person_marks where person_id = $1', [found.id])
      assert.equal(left.length, 0)
    },
  )
  await t.test('the log is whole, and rebuilds what is served', async () => {
    assert.equal((await verifyAudit(db)).isIntact, true)
    assert.deepEqual((await verifyReplay(await contextOn(db))).differences, [])
    assert.deepEqual(await checkInvariants(db), [])
  })
  await t.test(
    'the old key, which a backup or the write-ahead log may hold, opens nothing once the master key was rotated',
    async () => {
      const openWith = (masterFile: string, rows: readonly { id: string; wrapped: string }[]) => {
        const masters = readFileSync(masterFile, 'utf8').trim().split('\n')
        return rows.some((row) =>
          masters.some((line) => {
            try {
              const master = Buffer.from(
                hkdfSync('sha256', Buffer.from(line, 'base64'), Buffer.alloc(0), 'smartreturns wrapping', 32),
              )
              const wrapping = decrypt(
                master,
                Buffer.from(row.wrapped.split('.')[2]!, 'base64'),
                `smartreturns|${row.id}`,
              )
              return decrypt(wrapping, wrapped!.key, `person|${found.id}`).length === 32
            } catch {
              return false
            }
          }),
        )
      }
      assert.ok(openWith(join(folder, 'master-of-before'), keptWrapping), 'so it could be opened before')
      const secrets = await openLocalSecrets({ db, masterKeyFile: keyFile, now: Date.now })
      const blobs = openSealedBlobs(openDiskBlobs(join(data, 'blobs')), secrets)
      const ctx = { db, events: openEventLog(db), secrets, blobs, now: Date.now }
      await rotateKeys(ctx, 'test')
      assert.equal((await retireKeys({ ...ctx, now: () => Date.now() + 3_600_000 }, 'test')).retired, 2)
      assert.equal(openWith(keyFile, [...(await wrappingRows()), ...keptWrapping]), false)
      assert.equal((await done('GET', `/api/returns/${second}`)).customer, null)
      const again = (await done('POST', '/api/returns', unit('five'))).id
      assert.equal(
        (await done('GET', `/api/returns/${again}`)).customer.name,
        person.name,
        'what runs took the new key',
      )
      const { version: seen } = await done('GET', `/api/returns/${again}`)
      await done('DELETE', `/api/returns/${again}`, undefined, { 'if-match': `"${seen}"` })
      await done('POST', `/api/privacy/people/${found.id}/erase`, { confirm: 'erase' })
    },
  )
  await t.test('no byte of the stopped program: database with its write-ahead log, stored files, logs', async () => {
    await db.query('checkpoint')
    await db.close()
    await end(program)
    assert.deepEqual(scanFolders(disk, texts), [])
    assert.deepEqual(scan({ 'output of the process': Buffer.from(program.output()) }, texts), [])
    assert.ok(scanFolders(disk, [control]).length > 0)
  })
  await t.test(
    'row 57: without its master key, or with another one, it does not start, and says so in one line',
    async () => {
      const key = readFileSync(keyFile)
      const refusal = async (): Promise<string> => {
        const refused = launch(data, port)
        const code = await new Promise((done2) => refused.child.once('exit', done2))
        assert.equal(code, 1, refused.output())
        const lines = refused
          .output()
          .split('\n')
          .filter((line) => line.startsWith('SmartReturns does not start:'))
        assert.equal(lines.length, 1, refused.output())
        assert.ok(!/\n\s+at /.test(refused.output()), 'no trace of the stack')
        return lines[0]!
      }
      rmSync(keyFile)
      assert.match(await refusal(), /the master key file .* is missing.*put it back.*SMARTRETURNS_MASTER_KEY_FILE/)
      writeFileSync(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 })
      assert.match(await refusal(), /is not the one that this database was sealed with/)
      writeFileSync(keyFile, key, { mode: 0o600 })
      const back = launch(data, port)
      t.after(() => end(back))
      await ready(back)
      await end(back)
    },
  )
})

function decrypt(key: Buffer, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
}
