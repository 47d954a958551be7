import { readFileSync } from 'node:fs'
import { submitReturns } from '#flows/submit-returns.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import type { Database } from '#platform/db/port.ts'
import { inScope, inScopeOfAll, type Bounds } from '#platform/db/scope.ts'
import { listReturnsAsJson, readReturn, resolveScan } from '#services/returns/index.ts'
import { contextOn } from '../test/support/context-on.ts'
import { testDatabase } from '../test/support/database.ts'
import { command, givenClient, givenHub, submission, system } from '../test/support/given.ts'

/**
 * What row-level security costs, in CPU time of this process and of the database's backend: as the owner of the tables (none),
 * as the application unbound (managers of everything, batches, jobs), and as callers bound to a hub. Run it with Node; it starts
 * its own database. CPU time, for the machine may be busy.
 */

const units = Number(process.env['BENCH_UNITS'] ?? 20_000)
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 400)
const closers: (() => unknown)[] = []
const db = await testDatabase({ after: (close) => void closers.push(close as () => unknown) })

/** Of one connection, so that its backend is known. */
const one = (asApplication: boolean): Database =>
  openPostgres({
    connectionString: db.connectionString,
    poolMax: 1,
    applicationName: 'bench',
    engine: 'embedded',
    statementTimeoutMs: 60_000,
    asApplication,
  })

/** CPU milliseconds of a process of this machine. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function measure(
  name: string,
  on: Database,
  times: number,
  work: (i: number) => Promise<unknown>,
): Promise<void> {
  const [backend] = await inScopeOfAll(() => on.query<{ pid: number }>('select pg_backend_pid() as pid'))
  for (let i = 0; i < times / 10; i++) await work(i)
  const [own, theirs] = [process.cpuUsage(), cpuOf(backend!.pid)]
  for (let i = 0; i < times; i++) await work(i)
  const used = process.cpuUsage(own)
  const [ms, backendMs] = [(used.user + used.system) / 1000 / times, (cpuOf(backend!.pid) - theirs) / times]
  process.stdout.write(`${name.padEnd(58)} ${ms.toFixed(3)} ms here, ${backendMs.toFixed(3)} ms in the backend\n`)
}

const ctx = await contextOn(db)
const clients = [await givenClient(ctx, 'acme'), await givenClient(ctx, 'other')]
const hubs = [
  await givenHub(ctx, { capacity: units }),
  await givenHub(ctx, { code: 'DEL-1', pincode: '110001', capacity: units }),
]
for (let n = 0; n < units; n += 100)
  await submitReturns(
    ctx,
    Array.from({ length: 100 }, (_, i) =>
      command(submission(clients[i % 2]!, i % 3 === 0 ? { pickupPincode: '110001' } : {})),
    ),
  )
await db.owner.query('analyze')
const query = { filters: [], sort: [], limit: 50, after: null, includes: [] } as never
const actorOf = (bounds: Bounds) => ({ ...system, ...bounds, role: 'worker', scopes: [] }) as never
const all: Bounds = { clientIds: null, hubIds: null }
const atHub: Bounds = { clientIds: null, hubIds: [hubs[0]!.id] }
const atOther: Bounds = { clientIds: null, hubIds: [hubs[1]!.id] }
const [unit] = await db.query<{ id: string; lpn: string }>(
  'select id, lpn from return_items where hub_id = $1 limit 1',
  [hubs[0]!.id],
)

type Kind = 'list of 50' | 'one return' | 'scan'
const owner = one(false)
const app = one(true)
const asked = (on: Database, actor: Bounds): Readonly<Record<Kind, () => Promise<unknown>>> => {
  const own = { ...ctx, db: on }
  return {
    'list of 50': () => listReturnsAsJson(own, actorOf(actor), query),
    'one return': () => readReturn(own, actorOf(actor), unit!.id),
    scan: () =>
      resolveScan(own, actorOf(actor), {
        code: unit!.lpn,
        at: { hubId: hubs[0]!.id, action: 'identify' },
        context: { hubId: hubs[0]!.id },
      } as never),
  }
}
for (const kind of ['list of 50', 'one return', 'scan'] as const) {
  await measure(`${kind}, unbound, as owner (no row security)`, owner, rounds, asked(owner, all)[kind])
  await measure(`${kind}, unbound, as application`, app, rounds, asked(app, all)[kind])
  await measure(`${kind}, at one hub, as owner (no row security)`, owner, rounds, asked(owner, atHub)[kind])
  await measure(`${kind}, at one hub, as application`, app, rounds, () => inScope(atHub, asked(app, atHub)[kind]))
  if (kind === 'list of 50')
    await measure(`${kind}, two hubs in turn on one connection`, app, rounds, (i) => {
      const bounds = i % 2 === 0 ? atHub : atOther
      return inScope(bounds, asked(app, bounds)[kind])
    })
}
const batch = () => Array.from({ length: 100 }, (_, i) => command(submission(clients[i % 2]!)))
for (const turn of [1, 2]) {
  await measure(`intake of 100, as owner (${turn})`, owner, 30, () => submitReturns({ ...ctx, db: owner }, batch()))
  await measure(`intake of 100, as application (${turn})`, app, 30, () => submitReturns({ ...ctx, db: app }, batch()))
}
await owner.close()
await app.close()
for (const close of closers.toReversed()) await close()
process.exit()
