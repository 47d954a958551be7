import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ReturnEventData } from '#contracts/events.ts'
import { basisOf, unpackRecommendation } from '#contracts/packed-recommendation.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import { openTablesRegistry } from '#integrations/model-registry/tables.ts'
import { readConfig } from '../../src/app/config.ts'
import { openInference } from '../../src/app/open-inference.ts'
import { openModels } from '../../src/app/open-models.ts'
import { openTestContext } from '../support/context.ts'
import { memoryBlobs, silentLog } from '../support/fakes.ts'
import { command, givenClient, givenHub, submission } from '../support/given.ts'
import { openModelServer } from '../support/inference-servers.ts'
import { valueOf } from '../support/lived.ts'
import { writeModelFolder } from '../support/model-folder.ts'
import { specsAbsent } from '../support/spec.ts'

const batches = 90
const together = 6
const batchSize = 4

test(
  'the model server dies under load: no decision is lost, none is of a level that it does not name',
  { skip: specsAbsent },
  async (t) => {
    const base = await openTestContext(t)
    await givenHub(base, { capacity: 10_000 })
    const clientId = await givenClient(base)
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-outage-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const server = await openModelServer(t, 'mlflow')
    const { champion, calibrationOf } = await openModels({
      registry: openTablesRegistry({ db: base.db, blobs: memoryBlobs() }),
      contract: base.reference.features,
      shippedFolder: writeModelFolder(join(folder, 'model'), base.reference.features, { version: 'embedded' }),
      placesFolder: join(folder, 'places'),
      log: silentLog,
      now: Date.now,
    })
    // As the product runs it, but for patience with a busy test machine.
    const config = readConfig({
      SMARTRETURNS_DATA: folder,
      SMARTRETURNS_INFERENCE_URL: `mlflow+${server.url}`,
      SMARTRETURNS_INFERENCE_TIMEOUT_MS: '5000',
    })
    const inference = openInference(config, base.reference, champion, calibrationOf, base)
    const ctx = { ...base, inference }

    // What is under way when the server dies is cut off, and nothing is answered any more.
    let submitted = 0
    server.faultOf = () => (submitted < batches / 3 ? null : { kind: 'reset' })
    const ids: string[] = []
    const work = async () => {
      while (submitted < batches) {
        submitted += 1
        const requests = Array.from({ length: batchSize }, () => command(submission(clientId)))
        for (const receipt of await submitReturns(ctx, requests)) ids.push(valueOf(receipt).id)
      }
    }
    await Promise.all(Array.from({ length: together }, work))

    assert.equal(new Set(ids).size, batches * batchSize)
    const seen = new Map<string, number>()
    for (const id of ids) {
      const advice = (await ctx.events.readStream(`return-${id}`)).filter(
        ({ type }) => type === 'DispositionRecommended',
      )
      assert.equal(advice.length, 1, 'one decision a unit')
      const packed = (advice[0]!.data as ReturnEventData['DispositionRecommended']).body
      const { level, modelVersion } = unpackRecommendation(packed)
      const { engine, fellBack } = basisOf(packed, id)!
      const whys = fellBack.map((passed) => `${passed.level} ${passed.engine} ${passed.why}`)
      if (level === 'L0') assert.deepEqual([engine, modelVersion, whys], ['mlflow', 'returns-7', []])
      else {
        assert.deepEqual([level, engine, modelVersion, whys.length], ['L1', 'trees', 'returns-embedded', 1])
        assert.match(whys[0]!, /^L0 mlflow (reset|unreachable|breaker_open)$/)
      }
      const key = `${level} ${fellBack[0]?.why ?? ''}`.trim()
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    t.diagnostic(JSON.stringify(Object.fromEntries(seen)))
    assert.ok((seen.get('L0') ?? 0) >= batchSize * 10, 'the server answered while it was well')
    assert.ok((seen.get('L1 breaker_open') ?? 0) >= batchSize * 30, 'the breaker spared the dead server')
    const failures = [...seen].filter(([key]) => /reset|unreachable/.test(key)).reduce((sum, [, n]) => sum + n, 0)
    assert.ok(failures >= batchSize && failures <= batchSize * (5 + together), `${failures} units met the dead server`)
    assert.equal(inference.info()[0]!.state!.breaker, 'open')
  },
)
