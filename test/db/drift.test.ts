import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { submitReturns } from '#flows/submit-returns.ts'
import { openEvidently } from '#integrations/drift/evidently.ts'
import { measureDrift, readDriftReports } from '#services/recommendation/index.ts'
import { openTestContext } from '../support/context.ts'
import { engineUrl } from '../support/engines.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'
import { givenChecked, valueOf } from '../support/lived.ts'

const dayMs = 86_400_000

test('units as before are no drift, dearer ones are, and the reports are kept', async (t) => {
  const ctx = await openTestContext(t)
  const place = { hubId: (await givenHub(ctx, { capacity: 5000 })).id, clientId: await givenClient(ctx) }
  const submit = async (count: number, factor: number) => {
    const inputs = Array.from({ length: count }, (_, i) =>
      command(
        submission(place.clientId, {
          price: { amount: Math.round(factor * (30_000 + ((i * 7919) % 90_000))), currency: 'INR' },
          reasonCode: (['size_or_fit', 'defective', 'changed_mind'] as const)[i % 3]!,
        }),
      ),
    )
    const receipts = await submitReturns(ctx, inputs.slice(0, 250))
    receipts.forEach(valueOf)
    if (count > 250) (await submitReturns(ctx, inputs.slice(250))).forEach(valueOf)
  }
  const shown = async () => (await measureDrift(ctx))[0]!

  assert.deepEqual([(await shown()).level, (await shown()).features], [null, []], 'nothing can be said of nothing')
  await submit(400, 1)
  ctx.clock.ms += 20 * dayMs
  await submit(400, 1)
  const same = await shown()
  assert.deepEqual([same.count, same.reference.source, same.reference.count], [400, 'log', 400])
  const calendar = new Set(['festival_distance_d', 'day_of_week', 'month'])
  const moved = same.features.filter(({ level, name }) => level !== 'ok' && !calendar.has(name))
  assert.deepEqual(
    moved.map(({ name }) => name).filter((name) => !/day|month|festival|week|backlog|hub|sku|sold|stock/.test(name)),
    [],
  )

  ctx.clock.ms += 20 * dayMs
  await submit(250, 4)
  const dearer = await shown()
  const price = dearer.features.find(({ name }) => name === 'reference_log')!
  assert.deepEqual([dearer.level, price.level], ['alert', 'alert'])
  assert.ok(price.psi > 0.25 && price.ks! > 0.2)
  const kept = await readDriftReports(ctx.db)
  assert.deepEqual(kept, [dearer], 'the last report of the engine')

  await t.test('a grade that the check finds otherwise than expected is told', async () => {
    await givenChecked(
      ctx,
      place,
      Array.from({ length: 160 }, () => ({ answer: 0, reasonCode: 'defective' as const })),
    )
    const { calibration } = await shown()
    assert.equal(calibration?.count, 160)
    assert.ok(calibration.gradeEce > 0.1)
    assert.equal(calibration.level, 'alert')
  })

  const python = engineUrl('SERVING_PYTHON')
  await t.test('Evidently finds the same, and writes its report for people', { skip: python.absent }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-drift-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const evidently = openEvidently({
      python: python.url,
      codeFolder: join(import.meta.dirname, '..', '..', 'ml'),
      outFolder: folder,
      contract: ctx.reference.features,
      now: Date.now,
    })
    const [report] = await measureDrift({ ...ctx, drift: [evidently] })
    assert.equal(report?.engine, 'evidently')
    assert.equal(report.features.find(({ name }) => name === 'reference_log')?.level, 'alert')
    const [run] = readdirSync(folder)
    assert.ok(
      existsSync(join(folder, run!, 'report.html')) && statSync(join(folder, run!, 'report.html')).size > 10_000,
    )
  })
})
