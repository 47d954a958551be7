import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { challengeModel, promoteModel, registerModel } from '#flows/change-models.ts'
import { scoreChallenger, valueChallenger } from '#flows/try-challenger.ts'
import { openTablesRegistry } from '#integrations/model-registry/tables.ts'
import { AppError } from '#kernel/errors.ts'
import { showModels } from '#services/recommendation/index.ts'
import { readConfig } from '../../src/app/config.ts'
import { challengerOf } from '../../src/app/open-challenger.ts'
import { openInference } from '../../src/app/open-inference.ts'
import { openModels } from '../../src/app/open-models.ts'
import { openTestContext } from '../support/context.ts'
import { memoryBlobs, silentLog } from '../support/fakes.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { givenSettled } from '../support/lived.ts'
import { writeModelFolder, type SmallModel } from '../support/model-folder.ts'

const actor = { kind: 'user', id: 'admin-1', role: 'admin', hubIds: null, clientIds: null, scopes: [] } as const
const asked = <T>(input: T) => ({ actor, requestId: 'request-1', input })

test('a registered model becomes the challenger, is scored and valued, and the gate knows its value', async (t) => {
  const base = await openTestContext(t)
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-challenger-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const contract = base.reference.features
  const write = (model: SmallModel) => writeModelFolder(join(folder, `made-${model.version}`), contract, model)
  const { models, champion, calibrationOf } = await openModels({
    registry: openTablesRegistry({ db: base.db, blobs: memoryBlobs() }),
    contract,
    shippedFolder: write({ version: '1' }),
    placesFolder: join(folder, 'places'),
    log: silentLog,
    now: Date.now,
  })
  const config = readConfig({ SMARTRETURNS_DATA: folder })
  const ctx = { ...base, models, inference: openInference(config, base.reference, champion, calibrationOf, base) }
  const hub = await givenHub(ctx)
  const units = await givenSettled(
    ctx,
    { clientId: await givenClient(ctx), hubId: hub.id },
    Array.from({ length: 20 }, (_, i) => ({ price: { amount: 40_000 + 3_000 * i, currency: 'INR' } })),
    () => ({ realisedValue: { amount: 20_000, currency: 'INR' } }),
  )
  const challenger = challengerOf(ctx)
  assert.equal(await challenger(), null)

  await registerModel(ctx, asked({ folder: write({ version: '2', priceShift: 0.4 }) }))
  assert.deepEqual(await challengeModel(ctx, asked({ version: '2' })), { version: '2', before: null })
  assert.equal((await ctx.events.readStream('model-returns')).at(-1)!.type, 'ModelChallenged')

  assert.equal(await scoreChallenger(ctx, challenger), 2 * units.length)
  const value = (await valueChallenger(ctx, challenger))!
  assert.deepEqual([value.modelVersion, value.againstVersion, value.units], ['2', 'returns-1', units.length])
  const shown = await showModels(ctx)
  assert.deepEqual(shown.find((model) => model.version === '2')!.shadow!.value, value)
  assert.equal(shown.find((model) => model.version === '1')!.shadow, null)

  // Too few decisions for the gate: it says so by their number, not by "not measured".
  await assert.rejects(promoteModel(ctx, asked({ version: '2', force: false })), (error: unknown) => {
    assert.ok(error instanceof AppError)
    const found = error.errors.find(({ code }) => code === 'effective_count')
    assert.match(found!.detail, /^logged decisions that bear on it: \d/)
    return true
  })
  // Once another model serves, what was found against the one before says nothing.
  await promoteModel(ctx, asked({ version: '2', force: true, reason: 'a test says so' }))
  await assert.rejects(promoteModel(ctx, asked({ version: '2', force: false })), (error: unknown) => {
    const found = (error as AppError).errors.find(({ code }) => code === 'effective_count')
    assert.match(found!.detail, /not measured/)
    return true
  })
})
