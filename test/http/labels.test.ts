import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideReturns } from '#flows/decide-returns.ts'
import { verifyReplay } from '#flows/replay.ts'
import { checkInvariants } from '#platform/events/invariants.ts'
import { auditConfidence, knownOutcome, readLabels } from '#services/recommendation/index.ts'
import { openTestApp, type Call } from '../support/app.ts'
import { command, givenClient, givenHub } from '../support/given.ts'
import { givenChecked, givenSettled, valueOf } from '../support/lived.ts'

test('feedback, overrides and outcomes become labels', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)
  const place = { clientId, hubId: hub.id }
  // The clock runs for days, and a session does not last so long.
  const admin: Call = async (...call) => (await app.as('admin'))(...call)
  const labels = async (id: string) => (await readLabels(ctx.db, [id])).get(id) ?? []
  const inr = (amount: number) => ({ amount, currency: 'INR' })

  await t.test('an override is a label with its reason, not an outcome', async () => {
    const [unit] = await givenChecked(ctx, place, [{}])
    const options = (await admin('GET', `/api/returns/${unit!.id}`)).body.recommendationDetail.options
    const other = options.find((o: any) => o.disposition !== unit!.recommendation!.disposition)
    const answer = await admin('POST', `/api/returns/${unit!.id}/disposition`, {
      disposition: other.disposition,
      channel: other.channel,
      reasonCode: 'price_changed',
    })
    assert.equal(answer.status, 200, answer.text)
    const [label] = await labels(unit!.id)
    assert.deepEqual(
      [label!.kind, label!.disposition, label!.channel, label!.reasonCode],
      ['overridden', other.disposition, other.channel, 'price_changed'],
    )
    assert.equal(label!.netValueMinor, null)
    assert.equal(knownOutcome([label!]).disposition, null)
  })

  await t.test('what is known when a disposition is done, and what comes later', async () => {
    const [unit] = await givenChecked(ctx, place, [{}])
    const [decided] = await decideReturns(ctx, [command({ returnId: unit!.id, ifVersion: null })])
    const id = valueOf(decided).dispositionId!
    const soldAt = new Date(ctx.now()).toISOString()
    const done = await admin('PUT', `/api/dispositions/${id}`, {
      execution: 'done',
      realisedValue: inr(51_000),
      externalRef: 'GRN-1',
      certificateRef: 'C-1',
      outcome: { soldPrice: inr(62_000), soldAt, repairNeeded: true, repairCost: inr(4_000), repairSucceeded: true },
    })
    assert.equal(done.status, 200, done.text)
    const later = await admin('POST', '/api/ai/feedback', {
      returnId: unit!.id,
      kind: 'outcome',
      outcome: { rereturned: true, daysToCash: 9.5, liquidationValue: inr(20_000), abuse: 'none' },
    })
    assert.equal(later.status, 201, later.text)
    const known = knownOutcome(await labels(unit!.id))
    assert.deepEqual(known, {
      disposition: valueOf(decided).disposition,
      channel: unit!.recommendation!.channel,
      netValueMinor: 51_000,
      soldPriceMinor: 62_000,
      soldAt,
      daysToCash: 9.5,
      repairNeeded: true,
      repairCostMinor: 4_000,
      repairSucceeded: true,
      rereturned: true,
      liquidationMinor: 20_000,
      abuse: 'none',
    })
  })

  await t.test('an audit item values at least two routes', async () => {
    const [unit] = await givenSettled(ctx, place, [{}])
    const feedback = (more: object) => admin('POST', '/api/ai/feedback', { returnId: unit!.id, ...more })
    const appraisals = [
      { disposition: 'restock', channel: 'own_stock', valueMinor: 61_000 },
      { disposition: 'liquidate', valueMinor: -500 },
    ]
    assert.equal((await feedback({ kind: 'appraisal', appraisals })).status, 201)
    const label = (await labels(unit!.id)).at(-1)!
    assert.equal(label.kind, 'appraisal')
    assert.deepEqual(label.appraisals, [appraisals[0], { disposition: 'liquidate', channel: null, valueMinor: -500 }])
    const first = unit!.recommendation!.disposition
    const own = [
      { disposition: first, valueMinor: 70_000 },
      { disposition: first === 'parts' ? 'recycle' : 'parts', valueMinor: 1_000 },
    ]
    assert.equal((await feedback({ kind: 'appraisal', appraisals: own })).status, 201)
    const audit = await auditConfidence(ctx)
    assert.deepEqual([audit.items + audit.leftOut, audit.confidence], [2, null])
    assert.ok(audit.items >= 1 && audit.shareBest! > 0)
    for (const more of [
      { kind: 'appraisal' },
      { kind: 'appraisal', appraisals: appraisals.slice(0, 1) },
      { kind: 'appraisal', appraisals: [appraisals[1], appraisals[1]] },
      { kind: 'helpful', appraisals },
      { kind: 'helpful', outcome: { rereturned: true } },
      { kind: 'outcome', outcome: {} },
    ])
      assert.equal((await feedback(more)).status, 400, JSON.stringify(more))
  })

  await t.test('what cannot be is refused by name and writes nothing', async () => {
    const [unit] = await givenSettled(ctx, place, [{}])
    const before = (await labels(unit!.id)).length
    const answer = await admin('POST', '/api/ai/feedback', {
      returnId: unit!.id,
      kind: 'outcome',
      outcome: { soldPrice: { amount: 100, currency: 'EUR' } },
    })
    assert.deepEqual([answer.status, answer.body.code], [422, 'currency_mixed'])
    assert.equal(answer.body.errors[0].pointer, '/outcome/soldPrice')
    assert.equal((await labels(unit!.id)).length, before)
    const analyst = await app.as('analyst')
    const forbidden = await analyst('POST', '/api/ai/feedback', { returnId: unit!.id, kind: 'helpful' })
    assert.equal(forbidden.status, 403)
  })

  await t.test('a reversed execution takes its outcome back', async () => {
    const [unit] = await givenSettled(ctx, place, [{}], () => ({ realisedValue: inr(40_000) }))
    assert.equal(knownOutcome(await labels(unit!.id)).netValueMinor, 40_000)
    const reversed = await admin('PUT', `/api/dispositions/${unit!.dispositionId}`, { execution: 'reversed' })
    assert.equal(reversed.status, 200, reversed.text)
    assert.equal(knownOutcome(await labels(unit!.id)).netValueMinor, null)
  })

  await t.test('the log rebuilds the labels, and every invariant holds', async () => {
    assert.deepEqual((await verifyReplay(ctx)).differences, [])
    assert.deepEqual(await checkInvariants(ctx.db), [])
    await ctx.db.query("update labels set net_value_minor = 1 where kind = 'done'")
    assert.deepEqual(
      (await verifyReplay(ctx)).differences.map((d) => d.table),
      ['labels'],
    )
  })
})
