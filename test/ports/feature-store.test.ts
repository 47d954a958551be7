import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { featureContractSchema } from '#contracts/features.ts'
import { openFeast } from '#integrations/feature-store/feast.ts'
import { openTablesFeatures } from '#integrations/feature-store/tables.ts'
import { openHttp } from '#integrations/http.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import { pushFeatures } from '#services/recommendation/index.ts'
import { openTestContext } from '../support/context.ts'
import { engineUrl } from '../support/engines.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'
import { givenChecked, valueOf } from '../support/lived.ts'
import { featureStoreSuite } from './feature-store.ts'

const file = join(import.meta.dirname, '..', '..', 'data', 'features', 'returns.v1.json')
const contract = { ...featureContractSchema.parse(JSON.parse(readFileSync(file, 'utf8'))), hash: 'h'.repeat(64) }
const feast = engineUrl('FEAST_URL')
const openRealFeast = () =>
  openFeast(
    openHttp({
      system: 'feast',
      baseUrl: feast.url,
      timeoutMs: 60_000,
      bytesMax: 8 * 1024 * 1024,
      metrics: { observe: () => {} },
    }),
    contract,
  )

featureStoreSuite('tables', async (t) => {
  const ctx = await openTestContext(t)
  await givenHub(ctx)
  const clientId = await givenClient(ctx)
  const receipts = await submitReturns(
    ctx,
    [1, 2, 3].map(() => command(submission(clientId))),
  )
  const ids = receipts.map((receipt) => valueOf(receipt).id)
  return { store: openTablesFeatures(ctx.db, contract), contract, ids }
})

featureStoreSuite(
  'feast',
  () => Promise.resolve({ store: openRealFeast(), contract, ids: [1, 2, 3].map(() => uuidv7(Date.now())) }),
  { skip: feast.absent },
)

test('what was decided is pushed once, from the log, and is what the decision was made with', async (t) => {
  const ctx = await openTestContext(t)
  const place = { hubId: (await givenHub(ctx)).id, clientId: await givenClient(ctx) }
  const served = new Map<string, readonly number[]>()
  const width = ctx.reference.features.features.length
  const inference = {
    ...ctx.inference,
    predict: (request: Parameters<typeof ctx.inference.predict>[0]) => {
      request.items.forEach(({ id }, i) => served.set(id, Array.from(request.rows.slice(i * width, (i + 1) * width))))
      return ctx.inference.predict(request)
    },
  }
  await givenChecked({ ...ctx, inference }, place, [{ answer: 0 }, { answer: 1, reasonCode: 'defective' }])
  assert.deepEqual(await pushFeatures(ctx), { pushed: 4, leftOut: 0 })
  assert.deepEqual(await pushFeatures(ctx), { pushed: 0, leftOut: 0 })
  const ids = [...served.keys()]
  const rows = await ctx.features.read(ids)
  rows.forEach((row, i) => assert.deepEqual([...row!], served.get(ids[i]!)))
  if (feast.absent !== false) return t.diagnostic(`not pushed to Feast: ${feast.absent}`)
  const remote = openRealFeast()
  assert.deepEqual(await pushFeatures({ ...ctx, features: remote }), { pushed: 4, leftOut: 0 })
  const back = await remote.read(ids)
  back.forEach((row, i) => assert.deepEqual([...row!], served.get(ids[i]!)))
})
