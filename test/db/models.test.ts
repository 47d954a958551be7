import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { pricePlace } from '#contracts/prediction.ts'
import { challengeModel, promoteModel, registerModel, rollBackModel } from '#flows/change-models.ts'
import { openTablesRegistry } from '#integrations/model-registry/tables.ts'
import { readConfig } from '../../src/app/config.ts'
import { openInference } from '../../src/app/open-inference.ts'
import { openModels } from '../../src/app/open-models.ts'
import { showModels, writeModelValue } from '#services/recommendation/index.ts'
import { isProblem } from '../ports/model-registry.ts'
import { openTestContext } from '../support/context.ts'
import { memoryBlobs, silentLog } from '../support/fakes.ts'
import { writeModelFolder, type SmallModel } from '../support/model-folder.ts'

const actor = { kind: 'user', id: 'admin-1', role: 'admin', hubIds: null, clientIds: null, scopes: [] } as const
const asked = <T>(input: T) => ({ actor, requestId: 'request-1', input })
const forced = (version: string) => asked({ version, force: true, reason: 'a test says so' })

async function openInstallation(t: TestContext, shipped: SmallModel | null) {
  const base = await openTestContext(t)
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-models-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const contract = base.reference.features
  const write = (model: SmallModel) => writeModelFolder(join(folder, `made-${model.version}`), contract, model)
  const shippedFolder = shipped === null ? join(folder, 'none') : write(shipped)
  const blobs = memoryBlobs()
  /** One process of the installation. */
  const start = async (ships = shippedFolder) => {
    const { models, champion, calibrationOf } = await openModels({
      registry: openTablesRegistry({ db: base.db, blobs }),
      contract,
      shippedFolder: ships,
      placesFolder: join(folder, 'places'),
      log: silentLog,
      now: Date.now,
    })
    const config = readConfig({ SMARTRETURNS_DATA: folder })
    const inference = openInference(config, base.reference, champion, calibrationOf, base)
    return { ...base, models, inference }
  }
  return { start, write, blobs, folder }
}

type Started = Awaited<ReturnType<Awaited<ReturnType<typeof openInstallation>>['start']>>

async function ask({ inference, reference }: Started) {
  const rows = new Float32Array(reference.features.features.length).fill(Number.NaN)
  const item = { categoryId: 'electronics.audio.headphone', reasonCode: 'defective', returnType: 'customer_return' }
  const answer = await inference.predict({ items: [{ ...item, grade: null }] as never, rows })
  return { ...answer, price: answer.values[pricePlace(0, 0)]! }
}

test('a bare installation answers by tables, and says that there is no model', async (t) => {
  const { start } = await openInstallation(t, null)
  const ctx = await start()
  const { level, fellBack } = await ask(ctx)
  assert.deepEqual([level, fellBack], ['L2', [{ level: 'L1', engine: 'trees', why: 'no_model' }]])
  assert.deepEqual(
    (await showModels(ctx)).map((model) => [model.level, model.isServing]),
    [
      ['L2', true],
      ['L3', false],
    ],
  )
})

test('the model that ships serves; a newer one that ships takes its place, unless a person chose', async (t) => {
  const { start, write } = await openInstallation(t, { version: '1' })
  const first = await ask(await start())
  assert.deepEqual([first.level, first.modelVersion, first.fellBack], ['L1', 'returns-1', []])
  const newer = await start(write({ version: '2', priceShift: 0.3 }))
  const second = await ask(newer)
  assert.equal(second.modelVersion, 'returns-2')
  assert.ok(Math.abs(second.price - first.price - 0.3) < 1e-6)
  await promoteModel(newer, forced('1'))
  assert.equal((await ask(await start(write({ version: '3' })))).modelVersion, 'returns-1')
})

test('promote, roll back: without a restart, in every process, and in the log', async (t) => {
  const { start, write } = await openInstallation(t, { version: '1' })
  const [ours, other] = [await start(), await start()]
  const before = await ask(ours)
  const folder = write({ version: '2', priceShift: 0.5 })
  const model = await registerModel(ours, asked({ folder }))
  assert.deepEqual([model.version, model.registeredBy, model.aliases], ['2', 'admin-1', []])
  assert.equal((await ask(ours)).modelVersion, 'returns-1', 'a registered model serves nothing')

  await t.test('the gate is closed for what was not measured, and names each condition', async () => {
    await assert.rejects(promoteModel(ours, asked({ version: '2', force: false })), (error: unknown) => {
      assert.ok(isProblem('model_gate_closed')(error))
      const codes = (error as { errors: { code: string }[] }).errors.map(({ code }) => code)
      assert.ok(
        ['parity_rows', 'grade_ece', 'gain_lower_bound'].every((code) => codes.includes(code)),
        codes.join(),
      )
      assert.ok(!codes.includes('contract_hash') && !codes.includes('parity_regression'))
      return true
    })
    assert.equal((await ask(ours)).modelVersion, 'returns-1')
  })

  // Batches run through the change: each is answered whole, by one model or by the other.
  const running = Array.from({ length: 200 }, async (_, i) => {
    await new Promise((resolve) => setTimeout(resolve, i))
    return ask(ours)
  })
  const change = await promoteModel(ours, forced('2'))
  assert.deepEqual([change.version, change.before, change.forced, change.refused], ['2', '1', true, null])
  for (const { modelVersion, price, level } of await Promise.all(running)) {
    assert.equal(level, 'L1')
    const shift = price - before.price
    assert.ok(Math.abs(shift - (modelVersion === 'returns-2' ? 0.5 : 0)) < 1e-6, `${modelVersion} ${shift}`)
  }
  assert.equal((await ask(ours)).modelVersion, 'returns-2')
  await other.models.refresh()
  assert.equal((await ask(other)).modelVersion, 'returns-2')

  const back = await rollBackModel(other, asked({ reason: 'too high' }))
  assert.deepEqual([back.version, back.before], ['1', '2'])
  assert.equal((await ask(other)).modelVersion, 'returns-1')
  await ours.models.refresh()
  const shown = await showModels(ours)
  const facts = shown.map(({ version, aliases, isServing }) => `${version} ${aliases.join()} ${isServing}`)
  assert.deepEqual(facts.slice(0, 1), ['1 champion true'])
  assert.ok(facts.includes('2  false'), facts.join('\n'))

  const events = await ours.events.readStream('model-returns')
  assert.deepEqual(
    events.map(({ type }) => type),
    ['ModelRegistered', 'ModelPromoted', 'ModelRolledBack'],
  )
  for (const { data } of events) assert.deepEqual(data['by'], { kind: 'user', id: 'admin-1' })
  assert.deepEqual(
    [events[1]!.data['reason'], events[1]!.data['forced'], events[2]!.data['reason']],
    ['a test says so', true, 'too high'],
  )
})

test('what must not serve is refused, and what serves goes on', async (t) => {
  const { start, write, blobs } = await openInstallation(t, { version: '1' })
  const ctx = await start()
  const register = (model: SmallModel) => registerModel(ctx, asked({ folder: write(model) }))

  await t.test('answers that differ from the trainer, another contract, no model at all', async () => {
    await assert.rejects(register({ version: '2', isWrong: true }), isProblem('model_refused'))
    await assert.rejects(register({ version: '3', contractHash: 'a'.repeat(64) }), isProblem('model_refused'))
    await assert.rejects(registerModel(ctx, asked({ folder: tmpdir() })), isProblem('model_refused'))
    assert.equal((await ctx.models.registry.list()).length, 1)
  })
  await t.test('bytes that are no longer those that were registered', async () => {
    await register({ version: '4' })
    const rows = await ctx.db.query<{ key: string }>(
      `select blob_key as key from model_files where version = '4' and name = 'model.json'`,
    )
    const bytes = Buffer.from((await blobs.read(rows[0]!.key))!)
    await blobs.write(rows[0]!.key, Buffer.from(bytes.toString().replace('0.15', '0.16')))
    await assert.rejects(promoteModel(ctx, forced('4')), isProblem('model_refused'))
    // As if another process had promoted it.
    await ctx.models.registry.point({
      alias: 'champion',
      version: '4',
      by: 'x',
      reason: null,
      isForced: true,
      at: new Date(),
    })
    await ctx.models.refresh()
    const answer = await ask(ctx)
    assert.deepEqual([answer.level, answer.modelVersion], ['L1', 'returns-1'])
    const { version, refused } = ctx.models.serving()
    assert.equal(version, '1')
    assert.match(refused!.why, /not those that were registered/)
    const troubled = (await showModels(ctx)).find((model) => model.version === '4')
    assert.deepEqual([troubled?.isServing, troubled?.aliases], [false, ['champion']])
    assert.match(troubled?.trouble ?? '', /not those that were registered/)
    await rollBackModel(ctx, asked({ reason: 'it was spoiled' }))
    assert.equal(ctx.models.serving().refused, null)
  })
  await t.test('a start with a spoiled model that ships answers by tables and says why', async () => {
    const spoiled = await openInstallation(t, { version: '9', isWrong: true })
    const answer = await ask(await spoiled.start())
    assert.deepEqual([answer.level, answer.fellBack], ['L2', [{ level: 'L1', engine: 'trees', why: 'model_refused' }]])
  })
})

test('a model that was measured and is worth more goes through the gate by itself', async (t) => {
  const { start, write } = await openInstallation(t, { version: '1' })
  const ctx = await start()
  const gate = { gradeEce: 0.02, confidenceEce: 0.01, coverage: 0.9 }
  const folder = write({ version: '2', priceShift: 0.1, metrics: { gate }, goldenRows: 1000 })
  await registerModel(ctx, asked({ folder }))
  assert.deepEqual(await challengeModel(ctx, asked({ version: '2' })), { version: '2', before: null })
  assert.equal((await ask(ctx)).modelVersion, 'returns-1', 'a challenger decides nothing')
  const promote = () => promoteModel(ctx, asked({ version: '2', force: false }))
  await assert.rejects(promote(), isProblem('model_gate_closed'))
  const one = { value: 900, low: 400, high: 1400 }
  await writeModelValue(ctx.db, {
    modelVersion: '2',
    againstVersion: 'returns-1',
    at: new Date().toISOString(),
    units: 5000,
    overridden: 40,
    ips: one,
    snips: one,
    dr: one,
    served: one,
    gain: one,
    effectiveCount: 600,
    cappedCount: 0,
    certainCount: 100,
    unsupportedCount: 0,
    unsupportedShare: 0,
  })
  const { forced, refused, conditions } = await promote()
  assert.deepEqual([forced, refused, conditions.filter(({ met }) => !met)], [false, null, []])
  assert.equal((await ask(ctx)).modelVersion, 'returns-2')
})
