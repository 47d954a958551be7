import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { patchDecision, replayPolicy } from '#services/recommendation/index.ts'
import { openTestContext } from '../support/context.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { givenChecked } from '../support/lived.ts'

const noProgress = () => Promise.resolve()

test('a changed policy is tried on past returns', async (t) => {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  const other = await givenClient(ctx, 'other')
  const hub = await givenHub(ctx)
  const inputs = [39_900, 79_900, 149_900, 249_900].flatMap((amount, i) =>
    [0, 1, 1].map((answer) => ({ price: { amount, currency: 'INR' }, sku: `SKU-${i}`, answer })),
  )
  const units = await givenChecked(ctx, { clientId, hubId: hub.id }, inputs)
  await givenChecked(ctx, { clientId: other, hubId: hub.id }, inputs.slice(0, 3))
  const replay = (patch: object, scope: object = {}) =>
    replayPolicy(
      ctx,
      patchDecision(ctx.reference.decision, patch),
      { since: null, clientIds: null, ...scope },
      noProgress,
    )
  const count = async () => (await ctx.db.query<{ n: number }>('select count(*) as n from events'))[0]!.n

  await t.test('what changes nothing in the arithmetic moves nothing', async () => {
    const report = await replay({ policy: { source: 'the same, told otherwise' } })
    assert.equal(report.units, 15)
    assert.deepEqual([report.moved, report.skipped, report.withoutRate], [0, 0, 0])
    assert.deepEqual(report.moves, [])
    assert.deepEqual(report.value.differenceMinor, { mean: 0, low: 0, high: 0 })
    assert.equal(report.value.beforeMinor, report.value.afterMinor)
    assert.equal(report.carbonGrams.difference, 0)
    assert.deepEqual(report.changed, ['policy'])
    assert.deepEqual([report.reviews.before, report.reviews.added], [report.reviews.after, 0])
  })

  await t.test('before is what was recommended', async () => {
    const report = await replay({ policy: { source: 'x' } }, { clientIds: [clientId] })
    const bodies = await ctx.db.query<{ options: unknown[][]; currency: string }>(
      `select e.data -> 'body' -> 'options' as options from ai_recommendations a join events e
         on e.stream = 'return-' || a.return_id and e.version = a.version
         join return_items i on i.id = a.return_id where a.is_current and i.client_id = $1`,
      [clientId],
    )
    // Depth of the market apart, the same facts and predictions give the same values again.
    const recorded = bodies.reduce((sum, { options }) => sum + ((options[0]?.[2] as number) ?? 0), 0)
    assert.equal(report.value.beforeMinor, recorded)
    assert.equal(report.units, units.length)
  })

  await t.test('a closed route moves its units, and every figure adds up', async () => {
    const before = await count()
    const taken = units[0]!.recommendation!.disposition
    const channels = Object.fromEntries(
      ctx.reference.decision.channels.channels
        .filter((channel) => channel.routes.length > 1 || channel.routes[0]!.route !== taken)
        .filter((channel) => channel.routes.some((row) => row.route === taken))
        .map((channel) => [channel.id, { routes: { [taken]: null } }]),
    )
    const closed = Object.fromEntries(
      ctx.reference.decision.channels.channels
        .filter((channel) => channel.routes.length === 1 && channel.routes[0]!.route === taken)
        .map((channel) => [channel.id, null]),
    )
    const report = await replay({ channels: { channels: { ...channels, ...closed } } })
    assert.ok(report.moved > 0)
    assert.equal(
      report.moves.reduce((sum, move) => sum + move.units, 0),
      report.moved,
    )
    assert.ok(report.moves.every((move) => move.from === taken))
    const { value } = report
    assert.equal(value.afterMinor - value.beforeMinor, value.differenceMinor.mean)
    // To lose the best route never pays.
    assert.ok(value.differenceMinor.mean < 0)
    assert.ok(
      value.differenceMinor.low <= value.differenceMinor.mean &&
        value.differenceMinor.mean <= value.differenceMinor.high,
    )
    const bySku = report.topSkus.reduce((sum, sku) => sum + sku.valueMinor, 0)
    assert.ok(Math.abs(bySku - value.differenceMinor.mean) <= report.topSkus.length)
    assert.equal(await count(), before)
  })

  await t.test('a dearer hub minute costs those that stay, without any move of their own', async () => {
    const report = await replay({ policy: { parameters: { holdPerLitreDayMinor: { value: 50 } } } })
    assert.ok(report.value.differenceMinor.mean < 0)
    assert.ok(report.value.fromMovesMinor >= 0)
  })

  await t.test('scope: client and time; the same answer again', async () => {
    const patch = { policy: { parameters: { lambdaE: { value: 4000 } } } }
    const own = await replay(patch, { clientIds: [other] })
    assert.equal(own.units, 3)
    assert.equal(own.clientId, other)
    assert.equal((await replay(patch, { since: new Date(ctx.clock.ms + 1e6).toISOString() })).units, 0)
    const [a, b] = [await replay(patch), await replay(patch)]
    assert.deepEqual({ ...a, seconds: 0 }, { ...b, seconds: 0 })
  })

  await t.test('what was recorded without its facts is counted and left out', async () => {
    await ctx.db.owner.query('alter table events disable trigger user')
    await ctx.db.owner.query(
      `update events set data = (data::jsonb #- '{body,basis}')::json where stream = $1 and type = 'DispositionRecommended'`,
      [`return-${units[0]!.id}`],
    )
    const report = await replay({ policy: { source: 'x' } })
    assert.deepEqual([report.units, report.skipped], [14, 1])
  })

  await t.test('a bad policy is refused before anything is read', () => {
    assert.throws(() => patchDecision(ctx.reference.decision, { policy: { parameters: { gst: 2 } } }), AppError)
  })
})
