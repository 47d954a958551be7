import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayPolicy, patchDecision } from '#services/recommendation/index.ts'
import { openTestApp } from '../support/app.ts'
import { contextOn } from '../support/context-on.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { givenChecked } from '../support/lived.ts'

const lambdaE = (value: unknown) => ({ policy: { parameters: { lambdaE: { value } } } })

test('the decision policy over HTTP: shown, changed as a new version, kept with who and why', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const admin = await app.as('admin')
  const analyst = await app.as('analyst')
  const change = (policy: unknown, seen: number | null, reason = 'price of carbon', call = admin) =>
    call('PUT', '/api/ai/policy', { policy, reason }, seen === null ? {} : { 'if-match': `"${seen}"` })
  const shipped = ctx.reference.decision

  await t.test('what ships is version 0, whole, with units and sources', async () => {
    const { status, body, headers } = await analyst('GET', '/api/ai/policy')
    assert.deepEqual([status, body.version, body.refused, headers['etag']], [200, 0, null, '"0"'])
    assert.deepEqual(body.files.policy.parameters.lambdaE, shipped.policy.parameters.lambdaE)
    assert.deepEqual(Object.keys(body.files).toSorted(), ['channels', 'constraints', 'fees', 'policy', 'transport'])
    assert.deepEqual((await analyst('GET', '/api/ai/policy/versions')).body, { data: [] })
  })

  await t.test('what is refused, and how', async () => {
    for (const role of ['analyst', 'manager', 'worker'] as const)
      assert.equal((await change(lambdaE(800), 0, 'price of carbon', await app.as(role))).status, 403)
    assert.deepEqual(codeOf(await change(lambdaE(800), null)), [428, 'if_match_missing'])
    assert.deepEqual(codeOf(await change(lambdaE(800), 4)), [412, 'version_stale'])
    assert.deepEqual(codeOf(await change(lambdaE(400), 0)), [400, 'policy_unchanged'])
    assert.deepEqual(codeOf(await change({ emissions: { van: null } }, 0)), [400, 'policy_invalid'])
    assert.equal((await change(lambdaE(800), 0, 'x')).status, 400, 'a reason has three letters at least')
    const bad = { policy: { parameters: { lambdaE: { value: 'much' } }, routes: { rescell: {} } } }
    const answer = await change(bad, 0)
    assert.deepEqual(codeOf(answer), [400, 'policy_invalid'])
    assert.deepEqual(
      answer.body.errors.map((e: any) => e.pointer),
      ['/policy/routes/rescell', '/policy/parameters/lambdaE/value'],
    )
    assert.equal(ctx.policy.serving().version, 0)
  })

  await t.test('a change serves at once, and its event says who, what and why', async () => {
    const { status, body, headers, text } = await change(lambdaE(800), 0)
    assert.equal(status, 200, text)
    assert.deepEqual([body.version, headers['etag']], [1, '"1"'])
    assert.equal(ctx.reference.decision.policy.parameters.lambdaE.value, 800)
    assert.equal(ctx.reference.decision.policy.version, `${shipped.policy.version}+1`)
    assert.equal(ctx.reference.versions['decision.policy'], `${shipped.policy.version}+1`)
    const { data } = (await analyst('GET', '/api/ai/policy/versions')).body
    const changes = [{ pointer: '/policy/parameters/lambdaE/value', before: 400, after: 800 }]
    assert.deepEqual(
      [data.length, data[0].version, data[0].reason, data[0].changes],
      [1, 1, 'price of carbon', changes],
    )
    const [event] = await ctx.events.readStream('policy-decision')
    assert.deepEqual([event!.type, event!.data['version'], event!.data['changes']], ['PolicyChanged', 1, changes])
    assert.equal((event!.data['by'] as any).id, data[0].by)
  })

  await t.test('elements of lists go by their names; who saw the version before is told so', async () => {
    assert.deepEqual(codeOf(await change(lambdaE(900), 0)), [412, 'version_stale'])
    const routes = { policy: { routes: { refurbish: { horizonDays: 10 } } } }
    assert.equal((await change(routes, 1, 'refurbished goods sell faster')).status, 200)
    const { data } = (await analyst('GET', '/api/ai/policy/versions')).body
    assert.deepEqual(
      [data[0].version, data[0].changes.map((one: any) => one.pointer)],
      [2, ['/policy/routes/refurbish/horizonDays']],
    )
    assert.equal(ctx.reference.decision.policy.parameters.lambdaE.value, 800, 'the change before stays')
  })

  await t.test('the same idempotency key makes one version', async () => {
    const send = () =>
      admin(
        'PUT',
        '/api/ai/policy',
        { policy: lambdaE(700), reason: 'twice' },
        { 'if-match': '"2"', 'idempotency-key': 'policy-key-1' },
      )
    assert.equal((await send()).status, 200)
    const again = await send()
    assert.deepEqual([again.status, again.body.version, again.headers['idempotent-replayed']], [200, 3, 'true'])
    assert.equal((await analyst('GET', '/api/ai/policy/versions')).body.data.length, 3)
  })

  await t.test('another process on the same database serves it too', async () => {
    const other = await contextOn(ctx.db)
    assert.deepEqual(other.policy.serving(), { version: 3, refused: null })
    assert.deepEqual(other.reference.decision.policy, ctx.reference.decision.policy)
  })

  await t.test('new decisions are made by it', async () => {
    const clientId = await givenClient(ctx)
    const hub = await givenHub(ctx)
    await givenChecked(ctx, { clientId, hubId: hub.id }, [{}])
    const scope = { since: null, clientIds: [clientId] }
    const patched = patchDecision(ctx.reference.decision, lambdaE(701))
    const report = await replayPolicy(ctx, patched, scope, () => Promise.resolve())
    assert.equal(report.units, 1)
    const [row] = await ctx.db.query<{ count: number }>(
      `select count(*)::int as count from events where stream like 'return-%' and data::text like $1`,
      [`%${shipped.policy.version}+3%`],
    )
    assert.ok(row!.count > 0, 'a decision names the version that made it')
  })
})

const codeOf = ({ status, body }: { status: number; body: any }) => [status, body.code]
