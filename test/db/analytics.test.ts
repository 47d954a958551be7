import assert from 'node:assert/strict'
import { parse } from 'csv-parse/sync'
import { test, type TestContext } from 'node:test'
import { esgCreditSchema, type EsgCredit } from '#contracts/esg.ts'
import {
  dashboardSchema,
  esgReportSchema,
  reportKinds,
  reportRequestSchema,
  trendsSchema,
  type Dashboard,
} from '#contracts/analytics.ts'
import {
  kpiSubscriber,
  readDashboard,
  readEsg,
  readTrends,
  rebuildKpis,
  reportInputOf,
  writeReport,
  type ReportInput,
} from '#services/analytics/index.ts'
import { cancelJob, createJob, readJob, runJob } from '#platform/jobs/store.ts'
import { listReturns } from '#services/returns/index.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { openRelay } from '#platform/events/relay.ts'
import type { StoredEvent } from '#platform/events/port.ts'
import { sumEsg } from '../../src/services/analytics/esg-totals.ts'
import { givenBusyWeeks } from '../support/analytics.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'

const admin = { kind: 'user', id: 'u1', role: 'admin', hubIds: null, clientIds: null, scopes: [] } as const
const period = { from: '2026-11-20', to: '2026-12-17' }

/** Runs the relay until the subscriber stands at the end of the log. */
async function catchUp(t: Pick<TestContext, 'after'>, ctx: TestContextOf): Promise<void> {
  const relay = openRelay({ ...ctx, log: { ...ctx.log, error: (fields) => console.error(fields) } }, [kpiSubscriber], {
    pollMs: 10,
    batchEvents: 300,
  })
  t.after(() => relay.stop())
  relay.start()
  for (let i = 0; ; i++) {
    const [row] = await ctx.db.query<{ behind: number }>(
      "select h.seq - s.seq as behind from log_head h, subscriptions s where s.name = 'analytics'",
    )
    if (row?.behind === 0) break
    if (i > 500) assert.fail('the relay does not catch up')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await relay.stop()
}

const kpiRows = (ctx: TestContextOf) =>
  ctx.db
    .query<{ line: string }>('select k::text as line from kpi_daily k order by 1')
    .then((rows) => rows.map((row) => row.line))
const figure = (dashboard: Dashboard, id: string) => dashboard.kpis.find((kpi) => kpi.id === id)!

type Facts = Record<string, number | null>

/** The figures once more, from the read models and not from the projection, one unit at a time. */
async function bruteForce(
  ctx: TestContextOf,
  from: string,
  to: string,
  keep: (row: Record<string, unknown>) => boolean = () => true,
): Promise<Facts> {
  const rows = (
    await ctx.db.query<Record<string, unknown>>(
      `select r.*, d.source, d.execution, m.mass_grams as m_mass, m.diverted_grams as m_diverted from return_items r
       left join dispositions d on d.return_id = r.id and d.is_current left join esg_metrics m on m.disposition_id = d.id and d.execution = 'done'`,
    )
  ).filter(keep)
  const start = Date.parse(`${from}T00:00:00+05:30`)
  const end = Date.parse(`${to}T24:00:00+05:30`)
  const within = (at: unknown) => at instanceof Date && at.getTime() >= start && at.getTime() < end
  const done = rows.filter((row) => within(row.completed_at))
  const decided = rows.filter((row) => within(row.decided_at))
  const sum = (of: typeof rows, name: string) =>
    of.reduce((total, row) => total + ((row[name] as number | null) ?? 0), 0)
  const rated = done.filter((row) => row.realised_value_minor !== null && row.price_minor !== null)
  const hours = done
    .map((row) => ((row.completed_at as Date).getTime() - (row.created_at as Date).getTime()) / 3_600_000)
    .toSorted((a, b) => a - b)
  const people = decided.filter((row) => row.source === 'accepted' || row.source === 'overridden')
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole)
  return {
    returns: rows.filter((row) => within(row.created_at)).length,
    received: rows.filter((row) => within(row.received_at)).length,
    checked: rows.filter((row) => within(row.checked_at)).length,
    decided: decided.length,
    completed: done.length,
    net_value: sum(done, 'realised_value_minor'),
    recovery_rate: ratio(sum(rated, 'realised_value_minor'), sum(rated, 'price_minor')),
    accepted_share: ratio(people.filter((row) => row.source === 'accepted').length, people.length),
    override_share: ratio(people.filter((row) => row.source === 'overridden').length, people.length),
    landfill_diversion_share: ratio(sum(done, 'm_diverted'), sum(done, 'm_mass')),
    medianHours: hours.length === 0 ? null : hours[Math.floor(hours.length / 2)]!,
  }
}

function compare(dashboard: Dashboard, facts: Facts): void {
  for (const [id, expected] of Object.entries(facts)) {
    if (id !== 'medianHours')
      assert.equal(
        figure(dashboard, id).value,
        expected === null && figure(dashboard, id).byCurrency.length === 0 ? null : expected,
        id,
      )
  }
  const median = figure(dashboard, 'cycle_hours_median').value
  if (facts.medianHours === null) assert.equal(median, null)
  else
    assert.ok(
      median !== null && median / facts.medianHours! < 1.3 && facts.medianHours! / median < 1.3,
      `${median} is not near ${facts.medianHours}`,
    )
}

test('figures of some weeks', async (t) => {
  const ctx = await openTestContext(t, { poolMax: 10 })
  const { clients, hubs } = await givenBusyWeeks(ctx)
  await catchUp(t, ctx)
  const dashboard = await readDashboard(ctx, admin, period)

  await t.test('are those of a recomputation from the read models', async () => {
    dashboardSchema.parse(dashboard)
    const facts = await bruteForce(ctx, period.from, period.to)
    assert.ok(
      facts.returns === 300 && facts.completed! > 100 && facts.net_value! > 0 && facts.accepted_share! > 0.5,
      JSON.stringify(facts),
    )
    compare(dashboard, facts)
    assert.equal(dashboard.lagSeconds, 0)
    assert.equal(dashboard.period.days, 28)
  })

  await t.test('of a few days, beside the like days before', async () => {
    const short = await readDashboard(ctx, admin, { from: '2026-11-30', to: '2026-12-02' })
    assert.deepEqual(short.previous, { from: '2026-11-23', to: '2026-11-25', days: 3 })
    compare(short, await bruteForce(ctx, '2026-11-30', '2026-12-02'))
    const before = await bruteForce(ctx, '2026-11-23', '2026-11-25')
    for (const id of ['returns', 'completed', 'net_value', 'recovery_rate'])
      assert.equal(figure(short, id).previous, before[id], id)
  })

  await t.test('by every filter and pair of filters', async () => {
    const filters = [
      { clientId: clients[1]! },
      { hubId: hubs[1]!.id },
      { categoryId: 'fashion.apparel.ethnic' },
      { saleChannel: 'flipkart' },
      { saleChannel: 'flipkart', categoryId: 'fashion.apparel.ethnic' },
      { hubId: hubs[0]!.id, clientId: clients[0]!, saleChannel: 'amazon_in' },
    ]
    for (const filter of filters) {
      const facts = await bruteForce(
        ctx,
        period.from,
        period.to,
        (row) =>
          (filter.clientId === undefined || row.client_id === filter.clientId) &&
          (filter.hubId === undefined || row.hub_id === filter.hubId) &&
          (filter.categoryId === undefined || row.category_id === filter.categoryId) &&
          (filter.saleChannel === undefined || row.sale_channel === filter.saleChannel),
      )
      compare(await readDashboard(ctx, admin, { ...period, ...filter }), facts)
    }
  })

  await t.test('stop at what the actor may see', async () => {
    const seller = { ...admin, role: 'integration' as const, clientIds: [clients[1]!] }
    compare(
      await readDashboard(ctx, seller, period),
      await bruteForce(ctx, period.from, period.to, (row) => row.client_id === clients[1]),
    )
    const manager = { ...admin, role: 'manager' as const, hubIds: [hubs[1]!.id] }
    compare(
      await readDashboard(ctx, manager, period),
      await bruteForce(ctx, period.from, period.to, (row) => row.hub_id === hubs[1]!.id || row.hub_id === null),
    )
    const stranger = await readDashboard(ctx, { ...admin, clientIds: [] }, { ...period, clientId: clients[0]! })
    assert.ok(stranger.kpis.every((kpi) => kpi.value === 0 || kpi.value === null))
  })

  await t.test('of an empty period are zero or unknown', async () => {
    const empty = await readDashboard(ctx, admin, { from: '2025-01-01', to: '2025-01-07' })
    assert.equal(figure(empty, 'returns').value, 0)
    assert.equal(figure(empty, 'recovery_rate').value, null)
    assert.equal(figure(empty, 'cycle_hours_median').value, null)
    await assert.rejects(readDashboard(ctx, admin, { from: '2026-12-02', to: '2026-12-01' }), {
      problem: 'period_invalid',
    })
  })

  await t.test('say who is on time', async () => {
    const [row] = await ctx.db.query<{ open: number; overdue: number }>(
      `select count(*) as open, count(*) filter (where due_at < $1) as overdue from processing_workflows where stage not in ('completed', 'rejected', 'cancelled')`,
      [new Date(ctx.now())],
    )
    assert.deepEqual({ open: dashboard.onTime.open, overdue: dashboard.onTime.overdue }, row)
    assert.ok(row!.overdue > 0 && row!.overdue < row!.open)
    const [held] = await ctx.db.query<{ n: number }>(
      'select count(*) as n from return_items where reserved_until is not null',
    )
    assert.equal(dashboard.reservations.count, held!.n)
    assert.ok(held!.n > 0)
    const one = await readDashboard(ctx, admin, { clientId: clients[1]!, hubId: hubs[0]!.id })
    const [own] = await ctx.db.query<{ open: number; overdue: number }>(
      `select count(*) as open, count(*) filter (where w.due_at < $1) as overdue from processing_workflows w join return_items r on r.id = w.return_id
       where r.client_id = $2 and r.hub_id = $3 and r.stage not in ('completed', 'rejected', 'cancelled')`,
      [new Date(ctx.now()), clients[1], hubs[0]!.id],
    )
    assert.deepEqual({ open: one.onTime.open, overdue: one.onTime.overdue }, own)
  })

  await t.test('are the same when made anew from the log', async () => {
    const kept = await kpiRows(ctx)
    const units = await ctx.db.query<{ line: string }>('select u::text as line from kpi_units u order by 1')
    await ctx.db.transaction((tx) => rebuildKpis(tx))
    assert.deepEqual(await kpiRows(ctx), kept)
    assert.deepEqual(await ctx.db.query('select u::text as line from kpi_units u order by 1'), units)
    assert.ok(kept.length > 100)
  })

  await t.test('trends add up to the dashboard, with zeros where nothing happened', async () => {
    for (const dimension of [
      'none',
      'hub',
      'client',
      'category',
      'sale_channel',
      'return_type',
      'reason',
      'disposition',
    ] as const) {
      for (const interval of ['day', 'week', 'month'] as const) {
        const trends = trendsSchema.parse(
          await readTrends(ctx, admin, { ...period, measure: 'returns', interval, dimension }),
        )
        const total = trends.series.flatMap((series) => series.values).reduce<number>((sum, n) => sum + (n ?? 0), 0)
        assert.equal(total, 300, `${dimension} by ${interval}`)
        assert.ok(trends.series.every((series) => series.values.length === trends.buckets.length))
      }
    }
    const median = await readTrends(ctx, admin, {
      ...period,
      measure: 'cycle_hours_median',
      interval: 'month',
      dimension: 'none',
      from: '2026-11-01',
      to: '2026-12-31',
    })
    assert.ok(median.series[0]!.values.every((hours) => hours === null || hours > 24))
    assert.ok(median.series[0]!.values.some((hours) => hours !== null))
    const value = await readTrends(ctx, admin, {
      ...period,
      measure: 'net_value',
      interval: 'week',
      dimension: 'disposition',
      clientId: clients[0]!,
    })
    const facts = await bruteForce(ctx, period.from, period.to, (row) => row.client_id === clients[0])
    assert.equal(
      value.series.flatMap((s) => s.values).reduce<number>((sum, n) => sum + (n ?? 0), 0),
      facts.net_value,
    )
    const paired = await readTrends(ctx, admin, {
      ...period,
      measure: 'completed',
      interval: 'day',
      dimension: 'category',
      saleChannel: 'flipkart',
    })
    const flipkart = await bruteForce(ctx, period.from, period.to, (row) => row.sale_channel === 'flipkart')
    assert.equal(
      paired.series.flatMap((s) => s.values).reduce<number>((sum, n) => sum + (n ?? 0), 0),
      flipkart.completed,
    )
    assert.equal(paired.buckets.length, 28)
    // No split has these: they are asked of the units.
    const manager = { ...admin, role: 'manager' as const, hubIds: [hubs[1]!.id] }
    for (const dimension of [
      'none',
      'hub',
      'category',
      'sale_channel',
      'return_type',
      'reason',
      'disposition',
    ] as const) {
      const scoped = await readTrends(ctx, manager, {
        ...period,
        measure: 'completed',
        interval: 'week',
        dimension,
        clientId: clients[0]!,
        saleChannel: 'flipkart',
      })
      const own = await bruteForce(
        ctx,
        period.from,
        period.to,
        (row) =>
          (row.hub_id === hubs[1]!.id || row.hub_id === null) &&
          row.client_id === clients[0] &&
          row.sale_channel === 'flipkart',
      )
      assert.ok(own.completed! > 0)
      assert.equal(
        scoped.series.flatMap((s) => s.values).reduce<number>((sum, n) => sum + (n ?? 0), 0),
        own.completed,
        dimension,
      )
    }
    const none = await readTrends(ctx, admin, {
      from: '2025-01-01',
      to: '2025-01-03',
      measure: 'returns',
      interval: 'day',
      dimension: 'none',
    })
    assert.deepEqual(none.series, [{ key: null, currency: null, values: [0, 0, 0] }])
  })

  await t.test('a median of many classes is the same from days and from units', async () => {
    const paths = [
      { categoryId: 'fashion.apparel.ethnic' },
      { categoryId: 'fashion.apparel.ethnic', clientId: clients[0]! },
    ]
    for (const filter of paths) {
      const dashboard = await readDashboard(ctx, admin, { ...period, ...filter })
      compare(
        dashboard,
        await bruteForce(
          ctx,
          period.from,
          period.to,
          (row) =>
            row.category_id === filter.categoryId &&
            (filter.clientId === undefined || row.client_id === filter.clientId),
        ),
      )
    }
  })

  await t.test('the list behind a figure lists as many units', async () => {
    const listed = ['returns', 'received', 'completed', 'cancelled', 'rejected', 'decided', 'checked'] as const
    const short = await readDashboard(ctx, admin, { from: '2026-11-24', to: '2026-12-03', saleChannel: 'flipkart' })
    for (const id of listed) {
      const { value, list } = figure(short, id)
      const filters = [...new URL(list!, 'http://x').searchParams].map(([name, text]) => {
        const [operator, ...rest] = text.includes(':') && /^(gte|lt|in):/.test(text) ? text.split(':') : ['eq', text]
        return { field: name.slice('filter['.length, -1), operator: operator as 'eq', values: [rest.join(':')] }
      })
      const page = await listReturns(ctx, admin, { filters, sort: [], limit: 1, after: null, total: 'exact' })
      assert.equal(page.total, value, id)
    }
  })

  const runReport = async (asked: object, actor: Parameters<typeof reportInputOf>[0] = admin) => {
    const input = reportInputOf(actor, reportRequestSchema.parse(asked), ctx.now())
    const job = await createJob(ctx.db, {
      id: uuidv7(ctx.now()),
      kind: 'report',
      input,
      createdBy: actor.id,
      clientId: null,
      at: new Date(ctx.now()),
    })
    const run = () => runJob(ctx, job.id, (body, jobRun) => writeReport(ctx, body as unknown as ReportInput, jobRun))
    await run()
    const after = await readJob(ctx.db, { actorId: actor.id, clientIds: null, seesAll: false }, job.id)
    const [file] = await ctx.db.query<{ blob_key: string; name: string; bytes: number }>(
      'select blob_key, name, bytes from files where id = $1',
      [job.id],
    )
    return {
      job: after,
      run,
      file,
      text: file === undefined ? '' : Buffer.from((await ctx.blobs.read(file.blob_key))!).toString('utf8'),
    }
  }

  await t.test('a report has the rows of the list, as CSV and as JSON lines', async () => {
    const asked = { kind: 'returns', ...period, filters: { stage: 'completed', clientId: clients[0]! } }
    const { job, text, file } = await runReport(asked)
    const rows = parse<Record<string, string>>(text, { columns: true })
    const filters = [
      { field: 'stage', operator: 'eq' as const, values: ['completed'] },
      { field: 'clientId', operator: 'eq' as const, values: [clients[0]!] },
    ]
    const list = await listReturns(ctx, admin, {
      filters,
      sort: [{ field: 'createdAt', direction: 'asc' }],
      limit: 200,
      after: null,
      total: 'exact',
    })
    assert.ok(list.total! > 50 && list.total! <= 200)
    assert.deepEqual(
      rows.map((row) => row.returnId),
      list.data.map((unit) => unit.id),
    )
    assert.deepEqual(
      rows.map((row) => row.realisedValueMinor),
      list.data.map((unit) => (unit.realisedValue === null ? '' : String(unit.realisedValue.amount))),
    )
    assert.deepEqual(
      [job.state, job.done, job.total, job.result!.rows],
      ['done', rows.length, rows.length, rows.length],
    )
    assert.equal(file!.name, 'returns-2026-11-20-2026-12-17.csv')
    assert.doesNotMatch(text.split('\r\n')[0]!, /person|customer|pincode|phone|address/i)
    const lines = (await runReport({ ...asked, format: 'json' })).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual(
      lines.map((line) => line.returnId),
      rows.map((row) => row.returnId),
    )
  })

  await t.test('every kind of report adds up, within the rights of who asked', async () => {
    for (const kind of reportKinds) {
      const { text, job } = await runReport({ kind, ...period })
      assert.equal(job.state, 'done', `${kind}: ${job.error}`)
      const rows = parse<Record<string, string>>(text, { columns: true })
      const total = (name: string) => rows.reduce((sum, row) => sum + Number(row[name]), 0)
      if (kind === 'ledger') assert.equal(total('amountMinor'), 0)
      if (kind === 'kpis')
        assert.deepEqual(
          [total('submitted'), total('completed'), total('recoveredMinor')],
          [300, figure(dashboard, 'completed').value, figure(dashboard, 'net_value').value],
        )
      if (kind === 'esg')
        assert.equal(rows.filter((row) => row.isReversed === 'false').length, figure(dashboard, 'completed').value)
      const own = parse<Record<string, string>>(
        (await runReport({ kind, ...period }, { ...admin, clientIds: [clients[1]!] })).text,
        { columns: true },
      )
      assert.ok(own.length > 0 && own.every((row) => row.clientId === clients[1]), kind)
      const none = await runReport({ kind, from: '2025-01-01', to: '2025-01-02' })
      assert.equal(none.job.result!.rows, 0)
      assert.equal(parse(none.text).length, 1)
    }
    assert.throws(
      () =>
        reportInputOf(admin, reportRequestSchema.parse({ kind: 'kpis', filters: { stage: 'completed' } }), ctx.now()),
      { problem: 'filter_unknown' },
    )
  })

  await t.test('a report done twice is one file; a cancelled one is none; formulas are text', async () => {
    await ctx.db.query(
      `update return_items set title = '=HYPERLINK("http://x")' where id = (select min(id::text)::uuid from return_items)`,
    )
    const { job, run, text } = await runReport({ kind: 'returns', ...period })
    assert.match(text, /'=HYPERLINK/)
    assert.match(text, /,-1500,/)
    await ctx.db.query("update jobs set state = 'running' where id = $1", [job.id])
    await run()
    assert.deepEqual(await ctx.db.query('select count(*) as n from files where blob_key = $1', [`report/${job.id}`]), [
      { n: 1 },
    ])
    const input = reportInputOf(admin, reportRequestSchema.parse({ kind: 'returns', ...period }), ctx.now())
    const stopped = await createJob(ctx.db, {
      id: uuidv7(ctx.now()),
      kind: 'report',
      input,
      createdBy: 'u1',
      clientId: null,
      at: new Date(ctx.now()),
    })
    const scope = { actorId: 'u1', clientIds: null, seesAll: false }
    await runJob(ctx, stopped.id, async (body, jobRun) => {
      await cancelJob(ctx.db, scope, stopped.id, new Date(ctx.now()))
      return writeReport(ctx, body as unknown as ReportInput, jobRun)
    })
    assert.equal((await readJob(ctx.db, scope, stopped.id)).state, 'cancelled')
    assert.deepEqual(await ctx.db.query('select 1 from files where id = $1', [stopped.id]), [])
  })

  await t.test('ESG sums of the database are those of the credits, without the reversed', async () => {
    const report = esgReportSchema.parse(await readEsg(ctx, admin, period))
    const rows = await ctx.db.query<{ body: EsgCredit }>(
      `select m.body from esg_metrics m join dispositions d on d.id = m.disposition_id where d.execution = 'done'`,
    )
    const expected = sumEsg(rows.map((row) => esgCreditSchema.parse(row.body)))
    assert.ok(expected.items > 100 && expected.inventory.grams > 0)
    assert.deepEqual(report.totals, JSON.parse(JSON.stringify(expected)))
    const [taken] = await ctx.db.query<{ n: number }>(
      "select count(*) as n from dispositions where execution = 'reversed'",
    )
    assert.ok(taken!.n > 0)
    assert.equal(report.reversedItems, taken!.n)
    assert.equal(
      report.byFate.reduce((sum, row) => sum + row.massGrams, 0),
      expected.massGrams,
    )
    assert.equal(figure(dashboard, 'landfill_diversion_share').value, expected.diversionShare)
    const none = await readEsg(ctx, { ...admin, clientIds: [] }, period)
    assert.equal(none.totals.items, 0)
    assert.equal(none.totals.diversionShare, null)
  })
})

test('a client that is removed is in no figure any more', async (t) => {
  const ctx = await openTestContext(t, { poolMax: 10 })
  const { clients } = await givenBusyWeeks(ctx, 30)
  await ctx.db.transaction((tx) =>
    ctx.events.append(
      tx,
      [{ stream: `client-${clients[0]}`, version: 2, type: 'ClientRemoved', data: {} }],
      new Date(ctx.now()),
    ),
  )
  await catchUp(t, ctx)
  assert.equal(figure(await readDashboard(ctx, admin, period), 'returns').value, 6)
  const kept = await kpiRows(ctx)
  await ctx.db.transaction((tx) => rebuildKpis(tx))
  assert.deepEqual(await kpiRows(ctx), kept)
})

test('a crash between effect and cursor counts nothing twice', async (t) => {
  const ctx = await openTestContext(t, { poolMax: 10 })
  await givenBusyWeeks(ctx, 45)
  let crashes = 0
  const crashing = {
    name: kpiSubscriber.name,
    handle: async (tx: Parameters<typeof kpiSubscriber.handle>[0], events: readonly StoredEvent[]) => {
      await kpiSubscriber.handle(tx, events)
      if (crashes++ < 3) throw new Error('the process dies here')
    },
  }
  const relay = openRelay(ctx, [crashing], { pollMs: 10, backoffMaxMs: 20, batchEvents: 50 })
  relay.start()
  const tries = () => crashes
  for (let i = 0; tries() < 5 && i < 1000; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.ok(tries() >= 5)
  await relay.stop()
  await catchUp(t, ctx)
  const kept = await kpiRows(ctx)
  await ctx.db.transaction((tx) => rebuildKpis(tx))
  assert.deepEqual(await kpiRows(ctx), kept)
  compare(await readDashboard(ctx, admin, period), await bruteForce(ctx, period.from, period.to))
})
