import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { importFile } from '#flows/import-returns.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { coalesce } from '#kernel/coalescer.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { demoUsers } from '#platform/auth/demo-users.ts'
import { compose } from '../src/app/compose.ts'
import { readConfig } from '../src/app/config.ts'
import { importOf, receiveOf } from './inputs.ts'
import { ask, load, type Asked } from './load.ts'

/** `npm run bench`: the product beside bare PostgreSQL, on one server, in one run. A claim is a ratio of two of its lines. */

const root = resolve(import.meta.dirname, '..')
const asJson = process.argv.includes('--json')
const seconds = Number(process.env['BENCH_SECONDS'] ?? 8)
const listRows = Number(process.env['BENCH_ROWS'] ?? 100_000)
/** `--only bulk`: one part by itself; the parts after intake use what intake has set up. */
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined

type Line = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly must?: number
  readonly aim?: number
  readonly isCeiling?: boolean
}
const lines: Line[] = []

function report(line: Line): void {
  lines.push(line)
  if (asJson) return
  const bar =
    line.must === undefined
      ? ''
      : `  must ${line.isCeiling ? '≤' : '≥'} ${line.must}${line.aim === undefined ? '' : `, aim ${line.aim}`}  ${isMet(line) ? 'met' : 'MISSED'}`
  process.stdout.write(
    `${line.name.padEnd(62)} ${line.value.toFixed(line.value < 10 ? 2 : 0).padStart(8)} ${line.unit}${bar}\n`,
  )
}

function isMet({ value, must, isCeiling }: Line): boolean {
  return must === undefined || (isCeiling ? value <= must : value >= must)
}

function serverUrl(): string {
  if (process.env['DATABASE_URL']) return process.env['DATABASE_URL']
  const saved = join(root, '.cache', 'engines.env')
  const url = existsSync(saved) ? /DATABASE_URL=(\S+)/.exec(readFileSync(saved, 'utf8'))?.[1] : undefined
  if (url === undefined)
    throw new Error('no PostgreSQL to measure against: run `npm run engines` first, or set DATABASE_URL')
  return url.replaceAll(/['"]/g, '')
}

const server = serverUrl()

function withDatabase(name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function administer(sql: string): Promise<void> {
  const db = openPostgres({
    connectionString: server,
    poolMax: 1,
    applicationName: 'bench',
    engine: 'postgres',
    statementTimeoutMs: 60_000,
  })
  try {
    await db.query(sql)
  } finally {
    await db.close()
  }
}

/** Transactions a second and mean latency of one script of pgbench. */
function pgbench(database: string, script: string, clients: number): { tps: number; latencyMs: number } {
  const run = spawnSync(
    'pgbench',
    [
      '-n',
      '-M',
      'prepared',
      '-f',
      join(import.meta.dirname, 'limit', script),
      '-c',
      String(clients),
      '-j',
      '2',
      '-T',
      String(seconds),
      withDatabase(database),
    ],
    { encoding: 'utf8' },
  )
  if (run.status !== 0) throw new Error(`pgbench: ${run.stderr}`)
  return {
    tps: Number(/tps = ([\d.]+)/.exec(run.stdout)![1]),
    latencyMs: Number(/latency average = ([\d.]+)/.exec(run.stdout)![1]),
  }
}

const folder = mkdtempSync(join(tmpdir(), 'smartreturns-bench-'))
const [limitDb, productDb] = [`bench_limit_${process.pid}`, `bench_product_${process.pid}`]

async function main(): Promise<void> {
  await administer(`create database ${limitDb}`)
  await administer(`create database ${productDb}`)
  const schema = spawnSync('psql', ['-q', '-f', join(import.meta.dirname, 'limit/schema.sql'), withDatabase(limitDb)], {
    encoding: 'utf8',
  })
  if (schema.status !== 0) throw new Error(schema.stderr)
  const env = {
    ...process.env,
    DATABASE_URL: withDatabase(productDb),
    SMARTRETURNS_DATA: join(folder, 'data'),
    SMARTRETURNS_WEB: '0',
    SMARTRETURNS_DEMO: '1',
    SMARTRETURNS_DEMO_RETURNS: '0',
    SMARTRETURNS_LOG: 'warn',
  }
  const parts = { intake, bulk, lists, changes }
  for (const [name, part] of Object.entries(parts)) {
    if (only === undefined || only === name) await part(env)
  }
}

async function withServer(
  env: NodeJS.ProcessEnv,
  run: (port: number, authorization: string) => Promise<void>,
): Promise<void> {
  const port = 20_000 + (process.pid % 20_000)
  const started = performance.now()
  const child = spawn(process.execPath, [join(root, 'src/app/serve.ts')], {
    cwd: root,
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    for (let i = 0; ; i++) {
      if (
        await fetch(`http://127.0.0.1:${port}/readyz`).then(
          (r) => r.ok,
          () => false,
        )
      )
        break
      if (i > 600 || child.exitCode !== null) throw new Error('the server does not start')
      await sleep(50)
    }
    report({
      name: 'start of the program without pages, to the first answer',
      value: (performance.now() - started) / 1000,
      unit: 's',
      must: 5,
      aim: 2,
      isCeiling: true,
    })
    const admin = demoUsers.find((user) => user.role === 'admin')!
    const login = await ask(port, '', {
      method: 'POST',
      path: '/api/auth/login',
      body: { email: admin.email, password: admin.password },
    })
    await run(port, `Bearer ${(JSON.parse(login) as { accessToken: string }).accessToken}`)
  } finally {
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGTERM')
    await ended
  }
}

const pins = ['560034', '110005', '400050', '600010', '700020', '500010', '411001', '380001']
const categories = [
  'fashion.apparel.ethnic',
  'electronics.audio.headphone',
  'home.kitchen.cookware',
  'electronics.mobile.smartphone',
  'books.general.book',
]
let refs = 0

function submission(clientId: string): Asked {
  const n = (refs += 1)
  return {
    method: 'POST',
    path: '/api/returns',
    headers: { 'idempotency-key': `bench-${process.pid}-${n}` },
    body: {
      clientId,
      clientRef: `B-${process.pid}-${n}`,
      title: 'Cotton kurta, blue, size M',
      categoryId: categories[n % categories.length],
      price: { amount: 50_000 + (n % 90_000), currency: 'INR' },
      orderRef: `OD-${n}`,
      reasonCode: 'size_or_fit',
      saleChannel: 'flipkart',
      pickupPincode: pins[n % pins.length],
      isOpened: true,
    },
  }
}

async function makeBase(port: number, authorization: string): Promise<string> {
  const client = await ask(port, authorization, {
    method: 'POST',
    path: '/api/clients',
    body: { code: `bench-${process.pid}`, name: 'Bench' },
  })
  for (const [i, pincode] of pins.entries()) {
    const body = {
      code: `BN-${i}`,
      name: `Bench ${i}`,
      pincode,
      capabilities: ['battery', 'data_wipe', 'refurbish', 'food', 'hazmat', 'large_items'],
      capacity: 9_000_000,
      minutesPerDay: 900_000,
    }
    await ask(port, authorization, { method: 'POST', path: '/api/hubs', body })
  }
  return (JSON.parse(client) as { id: string }).id
}

let clientId = ''

async function intake(env: NodeJS.ProcessEnv): Promise<void> {
  const yard = pgbench(limitDb, 'intake_cte.sql', 64)
  report({ name: 'yardstick intake_cte, 64 clients', value: yard.tps, unit: '/s' })
  await withServer(env, async (port, authorization) => {
    clientId ||= await makeBase(port, authorization)
    const one = await load(port, authorization, 1, seconds, () => submission(clientId))
    const sixteen = await load(port, authorization, 16, seconds, () => submission(clientId))
    const many = await load(port, authorization, 64, seconds, () => submission(clientId))
    report({ name: 'POST /api/returns, 64 in flight', value: many.perSecond, unit: '/s' })
    report({ name: 'ratio to intake_cte', value: many.perSecond / yard.tps, unit: '', must: 0.7, aim: 1.5 })
    report({
      name: 'POST /api/returns, 1 in flight, p50',
      value: one.p50Ms,
      unit: 'ms',
      must: 8,
      aim: 4,
      isCeiling: true,
    })
    report({
      name: 'POST /api/returns, 16 in flight, p99',
      value: sixteen.p99Ms,
      unit: 'ms',
      must: 100,
      aim: 40,
      isCeiling: true,
    })
    report({
      name: 'failed requests',
      value: one.failed + sixteen.failed + many.failed,
      unit: '',
      must: 0,
      isCeiling: true,
    })
  })
}

async function bulk(env: NodeJS.ProcessEnv): Promise<void> {
  const yard = pgbench(limitDb, 'batch100.sql', 1)
  report({ name: 'yardstick batch100, 1 client', value: yard.tps * 100, unit: 'returns/s' })
  const file = join(folder, 'returns.csv')
  const rows = ['clientRef,sku,title,categoryId,price,currency,orderRef,reasonCode,saleChannel,pickupPincode,isOpened']
  for (let n = 1; n <= listRows; n++) {
    rows.push(
      `F-${n},,Cotton kurta,${categories[n % categories.length]},${500 + (n % 900)}.50,INR,OD-F${n},size_or_fit,flipkart,${pins[n % pins.length]},true`,
    )
  }
  writeFileSync(file, rows.join('\n'))
  if (clientId === '') {
    await withServer(env, async (port, authorization) => {
      clientId = await makeBase(port, authorization)
    })
  }
  const composed = await compose(readConfig(env), { share: true, say: () => {} })
  try {
    const started = performance.now()
    const counts = await importFile(composed.ctx, ...(await importOf(file, clientId)))
    const perSecond = listRows / ((performance.now() - started) / 1000)
    if (counts.counts.accepted !== listRows) throw new Error(`the import took ${JSON.stringify(counts.counts)}`)
    report({ name: `import of ${listRows} rows of CSV, one process`, value: perSecond, unit: 'returns/s' })
    report({ name: 'ratio to batch100', value: perSecond / (yard.tps * 100), unit: '', must: 0.35, aim: 0.7 })
  } finally {
    await composed.close()
  }
}

async function lists(env: NodeJS.ProcessEnv): Promise<void> {
  await administer('select 1')
  const yard = pgbench(productDb, 'list.sql', 16)
  report({ name: `list of 20, ${listRows}+ returns, bare SQL, 16 clients`, value: yard.tps, unit: '/s' })
  await withServer(env, async (port, authorization) => {
    await workOff()
    const result = await load(port, authorization, 16, seconds, () => ({
      method: 'GET',
      path: '/api/returns?limit=20',
    }))
    report({ name: 'GET /api/returns?limit=20, 16 in flight', value: result.perSecond, unit: '/s' })
    report({ name: 'ratio to the same SQL', value: result.perSecond / yard.tps, unit: '', must: 0.25, aim: 0.5 })
  })
}

/** What the import left to the subscribers of the log is their work, not the list's. */
async function workOff(): Promise<void> {
  const db = openPostgres({
    connectionString: withDatabase(productDb),
    poolMax: 1,
    applicationName: 'bench',
    engine: 'postgres',
    statementTimeoutMs: 60_000,
  })
  // Those that the relay serves; others have their times.
  const left = async () => {
    const [row] = await db.query<{ events: number }>(
      `select h.seq - min(s.seq) as events from log_head h, subscriptions s
       where s.name in ('analytics', 'decision_state', 'webhooks') group by h.seq`,
    )
    return row?.events ?? 0
  }
  try {
    const [startedMs, events] = [performance.now(), await left()]
    while ((await left()) > 0) {
      if (performance.now() - startedMs > 600_000) throw new Error('the subscribers of the log do not catch up')
      await sleep(200)
    }
    const tookSeconds = (performance.now() - startedMs) / 1000
    report({ name: 'subscribers catch up with the log', value: events / tookSeconds, unit: 'events/s' })
  } finally {
    await db.close()
  }
}

/** State changes 128 at once: through the coalescer, and one transaction each. */
async function changes(env: NodeJS.ProcessEnv): Promise<void> {
  const composed = await compose(readConfig(env), { share: true, say: () => {} })
  const { ctx } = composed
  try {
    const rows = await ctx.db.query<{ id: string }>(
      "select id from return_items where stage = 'hub_assigned' limit 12000",
    )
    const commands = rows.map((row) => receiveOf(row.id))
    const rate = async (todo: typeof commands, run: (command: (typeof commands)[number]) => Promise<unknown>) => {
      let next = 0
      const started = performance.now()
      await Promise.all(
        Array.from({ length: 128 }, async () => {
          while (next < todo.length) await run(todo[next++]!)
        }),
      )
      return todo.length / ((performance.now() - started) / 1000)
    }
    const single = coalesce((batch: readonly (typeof commands)[number][]) => receiveReturns(ctx, batch), {
      batchMax: 1,
      inFlightMax: 8,
      queueMax: 1000,
    })
    const alone = await rate(commands.slice(0, 2000), single.run)
    const together = await rate(commands.slice(2000), (command) => composed.commands.receiveReturn(command))
    report({ name: 'receive, 128 in flight, one transaction each', value: alone, unit: '/s' })
    report({ name: 'receive, 128 in flight, coalesced', value: together, unit: '/s' })
    report({ name: 'ratio of the two', value: together / alone, unit: '', must: 5, aim: 20 })
  } finally {
    await composed.close()
  }
}

try {
  await main()
} finally {
  await administer(`drop database if exists ${limitDb} with (force)`)
  await administer(`drop database if exists ${productDb} with (force)`)
  rmSync(folder, { recursive: true, force: true })
}
const missed = lines.filter((line) => !isMet(line))
if (asJson)
  process.stdout.write(`${JSON.stringify({ lines: lines.map((line) => ({ ...line, isMet: isMet(line) })) })}\n`)
process.exit(missed.length > 0 ? 1 : 0)
