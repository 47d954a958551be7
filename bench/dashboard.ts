import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reasonCodes, routes } from '#contracts/codes.ts'
import { categoriesFileSchema } from '#contracts/reference.ts'
import { openEmbedded } from '#platform/db/embedded.ts'
import { migrate } from '#platform/db/migrate.ts'
import type { Database } from '#platform/db/port.ts'
import { lockKpis, sumKpiUnits } from '#services/analytics/kpi-store.ts'
import { readDashboard, readTrends } from '#services/analytics/index.ts'

/**
 * Milliseconds of dashboard and trends over a year of returns: the first answer of a server that has just started
 * (bar: 150 ms over a million returns), and the median after it. `BENCH_ROWS` says how many returns.
 */

const rowCount = Number(process.env['BENCH_ROWS'] ?? 1_000_000)
const must = 150
const rounds = 15
const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'smartreturns-dashboard-'))
const nowMs = Date.parse('2026-11-20T06:00:00Z')
const now = () => nowMs
const admin = { kind: 'user', id: 'bench', role: 'admin', hubIds: null, clientIds: null, scopes: [] } as const

const categories = categoriesFileSchema
  .parse(JSON.parse(readFileSync(join(root, 'data/categories.json'), 'utf8')))
  .categories.map((category) => category.id)
const channels = ['flipkart', 'amazon_in', 'own_web', 'meesho', 'retail', null]
const uuid = (prefix: string, n: string) =>
  `(lpad('${prefix}', 8, '0') || '-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
const of = (places: string, n: string) =>
  `(${places}::text[])[1 + (${n})::integer % array_length(${places}::text[], 1)]`

function open() {
  return openEmbedded({
    dataFolder: join(folder, 'data'),
    poolMax: 10,
    applicationName: 'bench',
    statementTimeoutMs: 1_800_000,
  })
}

/** Twenty clients and twelve hubs of unequal size; what is not done after some days, and one unit in 200 besides, is open; half of that is late. */
async function fill(db: Database): Promise<void> {
  await db.query(
    `insert into clients (id, code, name, kind, currency, created_at, updated_at)
     select ${uuid('c', 'n')}, 'bench-' || n, 'Bench', 'live', 'INR', $1, $1 from generate_series(1, 20) n`,
    [new Date(nowMs)],
  )
  await db.query(
    `insert into hubs (id, code, name, status, pincode, lat, lng, timezone, minutes_per_day, created_at, updated_at)
     select ${uuid('b', 'n')}, 'BN-' || n, 'Bench', 'active', '560001', 12.9, 77.6, 'Asia/Kolkata', 4800, $1, $1 from generate_series(1, 12) n`,
    [new Date(nowMs)],
  )
  await db.query(
    `insert into kpi_units (return_id, client_id, hub_id, category_id, sale_channel, return_type, reason_code, currency, price_minor, submitted_at,
       received_at, checked_at, decided_at, completed_at, refunded_at, was_reviewed, disposition, decision_source, realised_value_minor, refund_minor, mass_grams, diverted_grams)
     select ${uuid('1', 'n')}, ${uuid('c', '1 + floor(20 * power(random(), 3))::integer')}, ${uuid('b', '1 + floor(12 * power(random(), 2))::integer')},
       ${of('$1', 'floor(1000 * power(random(), 2))')}, ${of('$2', 'floor(random() * 6)')}, case when n % 7 = 0 then 'rto' else 'customer_return' end,
       ${of('$3', 'floor(random() * 1000)')}, 'INR', 20000 + n % 90000, at, at + took * 0.2, at + took * 0.4, at + took * 0.5,
       case when n % 200 > 0 and at + took < $5 then at + took end, at + took * 0.2, n % 9 = 0, ${of('$4', 'floor(random() * 1000)')},
       case when n % 6 = 0 then 'overridden' else 'accepted' end, case when n % 200 > 0 and at + took < $5 then 5000 + n % 40000 end, 20000 + n % 90000, 500, 450
     from (select n, $5::timestamptz - (1 - n::float8 / $6) * interval '365 days' as at, random() * random() * interval '9 days' as took from generate_series(1, $6::integer) n) x`,
    [categories, channels, reasonCodes, routes, new Date(nowMs), rowCount],
  )
  await db.query(
    `insert into return_items (id, client_id, client_ref, rma_number, lpn, source, title, category_id, currency, price_minor, requested_at,
       return_type, reason_code, sale_channel, stage, custody, acceptance, money_state, needs_review, review_reasons, hub_id, received_at, checked_at,
       decided_at, completed_at, realised_value_minor, disposition_id, version, created_at, updated_at)
     select return_id, client_id, return_id::text, 'R-' || return_id, 'L-' || return_id, 'file', 'unit', category_id, currency, price_minor, submitted_at,
       return_type, reason_code, sale_channel, case when completed_at is null then 'quality_check' else 'completed' end, 'received', 'accepted', 'none', false, '{}',
       hub_id, received_at, checked_at, decided_at, completed_at, realised_value_minor, return_id, 9, submitted_at, submitted_at from kpi_units`,
  )
  await db.query(
    `insert into processing_workflows (id, return_id, stage, needs_review, stage_entered_at, due_at, updated_at)
     select id, id, stage, false, created_at, $1::timestamptz + (random() - 0.5) * interval '4 days', created_at from return_items`,
    [new Date(nowMs)],
  )
  await db.transaction(
    async (tx) => {
      await lockKpis(tx)
      await sumKpiUnits(tx)
    },
    { statementTimeoutMs: 1_800_000 },
  )
  await db.query('vacuum analyze')
}

const client = '0000000c-0000-7000-8000-000000000001'
const hub = '0000000b-0000-7000-8000-000000000001'
const year = { from: '2025-11-21', to: '2026-11-20' }
const questions = [
  ['all', {}],
  ['one hub', { hubId: hub }],
  ['one category', { categoryId: categories[0]! }],
  ['one category of the biggest client', { categoryId: categories[0]!, clientId: client }],
  ['a year', year],
] as const

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await run()
  return performance.now() - started
}

async function measure(name: string, run: (db: Database) => Promise<unknown>): Promise<number> {
  const db = await open()
  try {
    await db.query('select 1')
    const first = await timed(() => run(db))
    const later: number[] = []
    for (let i = 0; i < rounds; i++) later.push(await timed(() => run(db)))
    const median = later.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!
    process.stdout.write(
      `${name.padEnd(56)} first ${first.toFixed(1).padStart(7)} ms   median ${median.toFixed(1).padStart(6)} ms\n`,
    )
    return first
  } finally {
    await db.close()
  }
}

async function main(): Promise<boolean> {
  const db = await open()
  try {
    await migrate(db, join(root, 'db/migrations'))
    const took = await timed(() => fill(db))
    const [size] = await db.query<{ rows: number; size: string }>(
      `select count(*) as rows, pg_size_pretty(pg_total_relation_size('kpi_daily')) as size from kpi_daily`,
    )
    process.stdout.write(
      `${rowCount} returns made in ${(took / 1000).toFixed(0)} s: ${size!.rows} rows of kpi_daily, ${size!.size}\n`,
    )
  } finally {
    await db.close()
  }
  let worst = 0
  for (const [name, query] of questions) {
    const cold = await measure(`dashboard, ${name}`, (at) => readDashboard({ db: at, now }, admin, query))
    worst = Math.max(worst, cold)
  }
  for (const dimension of ['none', 'category', 'hub'] as const) {
    const asked = { measure: 'completed', interval: 'week', dimension } as const
    await measure(`trend by ${dimension}, 28 days`, (at) => readTrends({ db: at, now }, admin, asked))
    await measure(`trend by ${dimension}, a year`, (at) => readTrends({ db: at, now }, admin, { ...year, ...asked }))
    await measure(`trend by ${dimension}, 28 days of the biggest hub`, (at) =>
      readTrends({ db: at, now }, admin, { ...asked, hubId: hub }),
    )
    await measure(`trend by ${dimension}, a year of the biggest hub`, (at) =>
      readTrends({ db: at, now }, admin, { ...year, ...asked, hubId: hub }),
    )
  }
  process.stdout.write(`worst first answer of the dashboard: ${worst.toFixed(1)} ms, must be ≤ ${must}\n`)
  return worst <= must
}

let isMet = false
try {
  isMet = await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(isMet ? 0 : 1)
