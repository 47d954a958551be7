import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../ports/jobs.ts'
import { openRelay } from '#platform/events/relay.ts'
import { openWork } from '../../src/app/work.ts'
import { openTestApp } from '../support/app.ts'
import { givenBusyWeeks } from '../support/analytics.ts'

test('analytics over HTTP', async (t) => {
  const app = await openTestApp(t)
  const { clients } = await givenBusyWeeks(app.ctx, 60)
  const work = await openWork(app.ctx)
  t.after(() => work.close())
  const relay = openRelay(app.ctx, work.subscribers)
  relay.start()
  t.after(() => relay.stop())
  for (let i = 0; (await relay.lag()).every((lag) => lag.events > 0) || (await relay.lag()).length === 0; i++) {
    if (i > 500) assert.fail('the relay does not catch up')
    relay.wake()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const analyst = await app.as('analyst')

  await t.test('dashboard, trends and ESG answer what their schemas say', async () => {
    const dashboard = await analyst('GET', '/api/analytics/dashboard')
    assert.equal(dashboard.status, 200, dashboard.text)
    assert.equal(dashboard.body.kpis.find((kpi: { id: string }) => kpi.id === 'returns').value, 60)
    assert.equal(dashboard.body.timezone, 'Asia/Kolkata')
    const trends = await analyst('GET', '/api/analytics/trends?measure=completed&interval=week&dimension=disposition')
    assert.equal(trends.status, 200, trends.text)
    const esg = await analyst('GET', '/api/analytics/esg?from=2026-11-01')
    assert.equal(esg.status, 200, esg.text)
    assert.ok(esg.body.totals.items > 0)
  })

  await t.test('what is wrong is named', async () => {
    for (const [query, code] of [
      ['dashboard?from=2026-13-01', 400],
      ['dashboard?hub=x', 400],
      ['trends?measure=luck', 400],
      ['dashboard?from=2026-11-10&to=2026-11-01', 400],
    ] as const) {
      const answer = await analyst('GET', `/api/analytics/${query}`)
      assert.equal(answer.status, code, query)
      assert.ok(answer.body.errors.length > 0, answer.text)
    }
    assert.equal((await (await app.as('worker'))('GET', '/api/analytics/dashboard')).status, 403)
  })

  await t.test('a report is accepted, done, fetched by who asked, and asked for once a key', async () => {
    const body = { kind: 'returns', format: 'csv' }
    const first = await analyst('POST', '/api/analytics/reports', body, { 'idempotency-key': 'r-1' })
    assert.equal(first.status, 202, first.text)
    assert.equal(first.headers['location'], `/api/jobs/${first.body.id}`)
    const again = await analyst('POST', '/api/analytics/reports', body, { 'idempotency-key': 'r-1' })
    assert.deepEqual(
      [again.status, again.body.id, again.headers['location']],
      [202, first.body.id, first.headers['location']],
    )
    let job = await analyst('GET', `/api/jobs/${first.body.id}`)
    for (let i = 0; job.body.state !== 'done' && i < 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      job = await analyst('GET', `/api/jobs/${first.body.id}`)
    }
    assert.deepEqual([job.body.state, job.body.result.rows], ['done', 60])
    const file = await analyst('GET', `/api/files/${job.body.result.fileId}`)
    assert.equal(file.status, 200)
    assert.match(String(file.headers['content-disposition']), /attachment; filename="returns-/)
    assert.equal(file.text.trim().split('\r\n').length, 61)
    const stranger = await app.as('analyst')
    assert.equal((await stranger('GET', `/api/jobs/${first.body.id}`)).status, 404)
    assert.equal((await stranger('GET', `/api/files/${first.body.id}`)).status, 404)
    const list = await analyst('GET', '/api/jobs?filter[kind]=report&limit=1')
    assert.equal(list.body.data[0].id, first.body.id)
    const paper = await analyst('POST', '/api/analytics/reports', { kind: 'returns', format: 'pdf' })
    await until('the report on paper', async () => {
      const { body: asked } = await analyst('GET', `/api/jobs/${paper.body.id}`)
      assert.notEqual(asked.state, 'failed', asked.error)
      return asked.state === 'done' ? true : undefined
    })
    const sheets = await analyst('GET', `/api/files/${paper.body.id}`)
    assert.deepEqual([sheets.status, sheets.headers['content-type']], [200, 'application/pdf'])
    assert.match(String(sheets.headers['content-disposition']), /attachment; filename="returns-.*\.pdf"/)
    assert.match(sheets.text, /^%PDF-/)
    assert.equal((await analyst('POST', '/api/analytics/reports', { kind: 'secrets' })).status, 400)
  })

  await t.test('a key of one client sees its client only', async () => {
    const call = await app.asKey(clients[1]!, ['analytics:read', 'reports:create', 'jobs:read'])
    const own = await call('GET', '/api/analytics/dashboard')
    const other = await call('GET', `/api/analytics/dashboard?clientId=${clients[0]}`)
    assert.equal(own.body.kpis[0].value, 12)
    assert.equal(other.body.kpis[0].value, 0)
  })
})
