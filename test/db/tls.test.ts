import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openPostgres } from '#platform/db/postgres.ts'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import { hasOpenssl, openAuthority } from '../support/certificates.ts'
import { silentLog } from '../support/fakes.ts'

const versions = '/usr/lib/postgresql'

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => done(port))
    })
  })
}

/** The system's PostgreSQL with a certificate for `localhost`, which takes TLS only. */
async function openServer(t: TestContext, cert: string, key: string): Promise<{ port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-pg-tls-'))
  const bin = join(versions, String(Math.max(...readdirSync(versions).map(Number).filter(Boolean))), 'bin')
  const account = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('postgres:'))!
    .split(':')
  const server = { uid: Number(account[2]), gid: Number(account[3]) }
  const owner = process.getuid?.() === 0 ? server : {}
  const own = (path: string, mode: number) => {
    chmodSync(path, mode)
    if (owner === server) chownSync(path, server.uid, server.gid)
  }
  own(folder, 0o700)
  const run = (name: string, args: readonly string[]) => {
    const { status, stderr } = spawnSync(join(bin, name), args, {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      ...owner,
    })
    assert.equal(status, 0, String(stderr))
  }
  const data = join(folder, 'data')
  run('initdb', ['-D', data, '--username=smartreturns', '--auth=trust', '--no-sync'])
  for (const [from, to] of [
    [cert, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    copyFileSync(from, join(data, to))
    own(join(data, to), 0o600)
  }
  const port = await freePort()
  const log = join(folder, 'log')
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c ssl=on -c ssl_min_protocol_version=TLSv1.2`
  // Without our output: a server that holds it would keep whoever reads it waiting.
  const started = spawnSync(join(bin, 'pg_ctl'), ['start', '-D', data, '-l', log, '-w', '-o', options], {
    cwd: '/',
    stdio: 'ignore',
    ...owner,
  })
  t.after(() => {
    run('pg_ctl', ['stop', '-D', data, '-m', 'immediate', '-w'])
    rmSync(folder, { recursive: true, force: true })
  })
  assert.equal(started.status, 0, existsSync(log) ? readFileSync(log, 'utf8') : 'no log')
  return { port }
}

test('the database is spoken to by TLS, and only when it is the right one', { timeout: 120_000 }, async (t) => {
  if (!existsSync(versions)) {
    if (process.env['REQUIRE_ENGINES'] === '1') assert.fail(`no PostgreSQL in ${versions}`)
    t.skip(`no PostgreSQL in ${versions}`)
    return
  }
  if (!hasOpenssl(t)) return
  const authority = openAuthority(t)
  const stranger = openAuthority(t)
  const { cert, key } = authority.issue('db', ['localhost'])
  const { port } = await openServer(t, cert, key)
  const url = (host: string, query: string) => `postgres://smartreturns@${host}:${port}/postgres?${query}`
  const ask = async (connectionString: string) => {
    const db = openPostgres({
      connectionString,
      poolMax: 1,
      applicationName: 'test',
      engine: 'postgres',
      statementTimeoutMs: 5_000,
      acquireTimeoutMs: 5_000,
    })
    try {
      const [row] = await db.query<{ ssl: boolean; version: string }>(
        'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()',
      )
      return row!
    } finally {
      await db.close()
    }
  }
  const full = `sslmode=verify-full&sslrootcert=${encodeURIComponent(authority.ca)}`

  await t.test('verify-full with its authority: connected, encrypted', async () => {
    const row = await ask(url('localhost', full))
    assert.equal(row.ssl, true)
    assert.match(row.version, /^TLSv1\.[23]$/)
  })
  await t.test('another authority, the public ones, or another name: refused', async () => {
    const foreign = `sslmode=verify-full&sslrootcert=${encodeURIComponent(stranger.ca)}`
    const messages = async (address: string) =>
      ask(address).then(
        () => 'connected',
        (error: Error) => `${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`,
      )
    assert.match(await messages(url('localhost', foreign)), /unable to verify|self-signed|certificate/i)
    assert.match(await messages(url('localhost', 'sslmode=verify-full')), /unable to verify|self-signed|certificate/i)
    assert.match(await messages(url('127.0.0.1', full)), /does not match|altnames/i)
  })
  await t.test('the job queue takes the same way', async () => {
    const jobs = await openPgBoss({ connectionString: url('localhost', full), log: silentLog })
    const db = openPostgres({
      connectionString: url('localhost', full),
      poolMax: 1,
      applicationName: 'look',
      engine: 'postgres',
      statementTimeoutMs: 5_000,
    })
    const rows = await db.query<{ ssl: boolean }>(
      `select s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name = 'smartreturns-jobs'`,
    )
    await db.close()
    await jobs.close()
    assert.ok(rows.length > 0 && rows.every((row) => row.ssl))
  })
})
