import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHttp } from '#integrations/http.ts'
import { openMlflowRegistry } from '#integrations/model-registry/mlflow.ts'
import { openTablesRegistry } from '#integrations/model-registry/tables.ts'
import { testDatabase } from '../support/database.ts'
import { engineUrl } from '../support/engines.ts'
import { memoryBlobs } from '../support/fakes.ts'
import { isProblem, modelRegistrySuite, newModel } from './model-registry.ts'

modelRegistrySuite('tables', async (t) => openTablesRegistry({ db: await testDatabase(t), blobs: memoryBlobs() }))

test('tables: two who register and promote at once agree; a lost file is said', async (t) => {
  const blobs = memoryBlobs()
  const registry = openTablesRegistry({ db: await testDatabase(t), blobs })
  const [first, second] = [newModel(), newModel()]
  const who = { by: 'user', at: new Date() }
  await Promise.all([first, first, second].map(({ facts, files }) => registry.register(facts, files, who)))
  assert.equal((await registry.list()).length, 2)
  const point = (version: string) =>
    registry.point({ alias: 'champion', version, by: 'user', reason: null, isForced: false, at: new Date() })
  const befores = await Promise.all([first, second, first, second].map(({ facts }) => point(facts.version)))
  const history = await registry.history('champion')
  assert.equal(
    history.length,
    befores.filter(({ before }, i) => before !== [first, second][i % 2]!.facts.version).length,
  )
  assert.equal(befores.filter(({ before }) => before === null).length, 1)
  const bare = openTablesRegistry({ db: await testDatabase(t), blobs: { ...blobs, read: () => Promise.resolve(null) } })
  await bare.register(first.facts, first.files, who)
  await assert.rejects(bare.read(first.facts.version), isProblem('model_incomplete'))
})

const mlflow = engineUrl('MLFLOW_URL')
modelRegistrySuite(
  'mlflow',
  () =>
    Promise.resolve(
      openMlflowRegistry(
        openHttp({
          system: 'mlflow',
          baseUrl: mlflow.url,
          timeoutMs: 30_000,
          bytesMax: 32 * 1024 * 1024,
          metrics: { observe: () => {} },
        }),
      ),
    ),
  { skip: mlflow.absent },
)
