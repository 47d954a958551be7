import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectToRunning } from '#platform/db/embedded.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { engineUrl } from '../support/engines.ts'
import { ask, commandLine, end, type Program, start } from '../support/program.ts'

const password = 'demo admin holds the keys'
const marker = 'Quartzmarker'

type Env = Readonly<Record<string, string>>

/** A program that is written to without a pause, until it is stopped; what it acknowledged, in order. */
async function busyProgram(t: TestContext, data: string, port: number, env: Env = {}) {
  const program = await start(data, port, env)
  t.after(() =>
    program.child.exitCode === null && program.child.signalCode === null ? end(program.child, 'SIGKILL') : undefined,
  )
  const token = await signIn(program)
  const { id: clientId } = (await ask(program.url, token, 'POST', '/api/clients', { code: 'acme', name: 'Acme' })).body
  await ask(program.url, token, 'POST', '/api/hubs', {
    code: 'BLR-9',
    name: 'Bengaluru',
    pincode: '560066',
    capacity: 100_000,
    minutesPerDay: 9000,
    capabilities: ['battery'],
  })
  const acknowledged: string[] = []
  const over = new AbortController()
  const writing = (async () => {
    for (let n = 1; !over.signal.aborted; n++) {
      const answer = await ask(program.url, token, 'POST', '/api/returns', submission(clientId, n), `key-${n}`).catch(
        () => null,
      )
      if (answer?.status === 201) acknowledged.push(answer.body.id)
    }
  })()
  const stop = async () => {
    over.abort()
    await writing
  }
  return { program, clientId, acknowledged, stop }
}

function submission(clientId: string, n: number) {
  return {
    clientId,
    clientRef: `R-${n}`,
    title: 'Kurta',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79900, currency: 'INR' },
    pickupPincode: '560034',
    customer: { name: `Zebulon ${marker}`, email: `z${n}@${marker.toLowerCase()}.example` },
  }
}

async function signIn({ url }: Program): Promise<string> {
  const { body } = await ask(url, null, 'POST', '/api/auth/login', { email: 'admin@demo.smartreturns.local', password })
  return body.accessToken as string
}

async function erase(program: Program, who: string): Promise<void> {
  const token = await signIn(program)
  const email = `${who}@${marker.toLowerCase()}.example`
  const { body } = await ask(program.url, token, 'POST', '/api/privacy/people/search', { email })
  const asked = { confirm: 'erase', reason: 'request', evenIfOpen: true }
  assert.equal(
    (await ask(program.url, token, 'POST', `/api/privacy/people/${body.data[0].id}/erase`, asked)).status,
    200,
  )
}

function succeeds(run: ReturnType<typeof commandLine>, what: string): string {
  assert.equal(run.status, 0, `${what}: ${run.stdout} ${run.stderr}`)
  return run.stdout
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await holds()) return
    await sleep(200)
  }
  assert.fail(`never: ${what}`)
}

/** Beside the program, which goes on being written to. */
function backUp(
  data: string,
  folder: string,
  env: Env = {},
): Promise<{ file: string; bytes: number; masterKey: string }> {
  const { DATABASE_URL: _, TEST_DATABASE_URL: __, ...rest } = process.env
  const child = spawn(process.execPath, ['src/app/cli.ts', 'backup', '--to', folder, '--json'], {
    env: { ...rest, NODE_ENV: 'development', SMARTRETURNS_DATA: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  return new Promise((done, fail) => {
    child.once('close', (code) => (code === 0 ? done(JSON.parse(out)) : fail(new Error(`${out} ${err}`))))
  })
}

async function relayed(connectionString: string): Promise<boolean> {
  const db = openPostgres({
    connectionString,
    poolMax: 1,
    applicationName: 'test',
    engine: 'postgres',
    statementTimeoutMs: 30_000,
  })
  try {
    const [row] = await db.query<{ behind: boolean }>(
      `select bool_or(s.seq < h.seq) as behind from subscriptions s, log_head h where s.name in ('analytics', 'decision_state', 'webhooks')`,
    )
    return !row!.behind
  } finally {
    await db.close()
  }
}

/** What was restored holds what had been acknowledged, is sound, and goes on. */
async function assertGoesOn(program: Program, known: readonly string[], clientId: string, address: () => string) {
  const token = await signIn(program)
  for (const id of known) assert.equal((await ask(program.url, token, 'GET', `/api/returns/${id}`)).status, 200, id)
  const { body } = await ask(program.url, token, 'GET', `/api/returns/${known[1]}`)
  assert.equal(body.customer.name, `Zebulon ${marker}`)
  const next = await ask(program.url, token, 'POST', '/api/returns', submission(clientId, 1_000_001), 'key-after')
  assert.equal(next.status, 201)
  await until('the subscribers go on', () => relayed(address()))
}

test(
  'row 56: a backup of the embedded database while it is written to; all is destroyed and comes back',
  { timeout: 300_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-backup-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const [data, restored] = [join(folder, 'data'), join(folder, 'restored')]
    const port = 21_000 + (process.pid % 19_000)
    const { program, clientId, acknowledged, stop } = await busyProgram(t, data, port)
    await until('some returns', () => Promise.resolve(acknowledged.length >= 20))
    const before = [...acknowledged]
    const made = await backUp(data, join(folder, 'backups'))
    t.diagnostic(`${acknowledged.length - before.length} returns were taken in meanwhile; ${made.bytes} bytes`)
    assert.ok(acknowledged.length > before.length, 'the program was written to while it was copied')
    await erase(program, 'z1')
    await end(program.child, 'SIGKILL')
    await stop()
    cpSync(join(data, 'blobs', 'erasure'), join(folder, 'words', 'blobs', 'erasure'), { recursive: true })
    const key = readFileSync(`${data}.key`)
    rmSync(data, { recursive: true })
    const settings = { SMARTRETURNS_MASTER_KEY_FILE: `${data}.key` }
    assert.equal(made.masterKey, `${data}.key`)

    await t.test('nothing in it can be read without the master key, which is not in it', () => {
      const bytes = readFileSync(made.file)
      for (const plain of [marker, 'return_items', 'PG_VERSION', 'SIGNATURE', key.toString().trim()])
        assert.equal(bytes.includes(plain), false, plain)
    })

    await t.test('another key, a changed byte, a cut end and a folder in use are refused, and nothing is left', () => {
      const into = (file: string, env: Env, to = restored) => commandLine(data, ['restore', file, '--to', to], env)
      writeFileSync(join(folder, 'other.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
      const wrong = into(made.file, { SMARTRETURNS_MASTER_KEY_FILE: join(folder, 'other.key') })
      assert.equal(wrong.status, 1)
      assert.match(wrong.stderr, /master key/)
      const bad = join(folder, 'bad.backup')
      const bytes = readFileSync(made.file)
      bytes[bytes.length >> 1]! ^= 1
      writeFileSync(bad, bytes)
      assert.match(into(bad, settings).stderr, /changed or cut off/)
      copyFileSync(made.file, bad)
      truncateSync(bad, bytes.length - 20)
      assert.match(into(bad, settings).stderr, /changed or cut off/)
      assert.match(into(`${data}.key`, settings).stderr, /no backup of this program/)
      assert.equal(existsSync(restored), false)
      assert.match(into(made.file, settings, folder).stderr, /is not empty/)
    })

    await t.test(
      'restored, every acknowledged return is there, all checks are clean, and consumers go on',
      async () => {
        succeeds(
          commandLine(data, ['restore', made.file, '--to', restored, '--erasures', join(folder, 'words')], settings),
          'restore',
        )
        for (const args of [['check'], ['replay', '--verify'], ['verify-audit']])
          succeeds(commandLine(restored, args, settings), args.join(' '))
        const again = await start(restored, port, settings)
        try {
          await assertGoesOn(again, before, clientId, () => connectToRunning(restored)!)
          const token = await signIn(again)
          await until('who was erased since is erased again', async () => {
            const { body } = await ask(again.url, token, 'GET', `/api/returns/${before[0]}`)
            return (body.customer ?? null) === null
          })
        } finally {
          await end(again.child, 'SIGTERM')
        }
        succeeds(commandLine(restored, ['verify-audit'], settings), 'verify-audit after going on')
      },
    )
  },
)

test(
  'row 56: a dump of a server goes into a new database, and consumers go on (E5)',
  { timeout: 300_000 },
  async (t) => {
    const { url, absent } = engineUrl('DATABASE_URL')
    if (absent !== false) return t.skip(absent)
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-dump-'))
    const server = openPostgres({
      connectionString: url,
      poolMax: 1,
      applicationName: 'test',
      engine: 'postgres',
      statementTimeoutMs: 60_000,
    })
    const names = ['dumped', 'filled'].map((name) => `backup_${name}_${process.pid}`)
    const [from, into] = names.map((name) => Object.assign(new URL(url), { pathname: `/${name}` }).href) as [
      string,
      string,
    ]
    for (const name of names) await server.query(`create database ${name}`)
    t.after(async () => {
      for (const name of names) await server.query(`drop database if exists ${name} with (force)`)
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const [data, restored] = [join(folder, 'data'), join(folder, 'restored')]
    const port = 22_000 + (process.pid % 18_000)
    const { program, clientId, acknowledged, stop } = await busyProgram(t, data, port, { DATABASE_URL: from })
    await until('some returns', () => Promise.resolve(acknowledged.length >= 10))
    const before = [...acknowledged]
    const made = await backUp(data, join(folder, 'backups'), { DATABASE_URL: from })
    await end(program.child, 'SIGKILL')
    await stop()
    const settings = { DATABASE_URL: into, SMARTRETURNS_MASTER_KEY_FILE: `${data}.key` }
    assert.match(
      commandLine(data, ['restore', made.file, '--to', restored], { ...settings, DATABASE_URL: from }).stderr,
      /not empty/,
    )
    succeeds(commandLine(data, ['restore', made.file, '--to', restored], settings), 'restore')
    for (const args of [['check'], ['replay', '--verify'], ['verify-audit']])
      succeeds(commandLine(restored, args, settings), args.join(' '))
    const again = await start(restored, port, settings)
    try {
      await assertGoesOn(again, before, clientId, () => into)
    } finally {
      await end(again.child, 'SIGTERM')
    }
  },
)
