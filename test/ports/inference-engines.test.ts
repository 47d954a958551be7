import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { openHttp } from '#integrations/http.ts'
import { readTreeModel } from '#integrations/inference/in-process.ts'
import { mlflowModel } from '#integrations/inference/mlflow.ts'
import { openInferenceModel } from '#integrations/inference/open-inference.ts'
import { compareGolden } from '#integrations/inference/parity.ts'
import { openRemote, type RemoteModel } from '#integrations/inference/remote.ts'
import type { Http } from '#integrations/http.ts'
import { openPolicy } from '#platform/resilience/policies.ts'
import { readReference } from '../../src/app/reference.ts'
import { engineUrl } from '../support/engines.ts'

const root = join(import.meta.dirname, '..', '..')
const batch = 16
const patienceMs = 60_000

let known: { width: number; names: string[]; grade: number; model: Awaited<ReturnType<typeof readTreeModel>> }
const served = engineUrl('SERVED_MODEL')

before(async () => {
  if (served.absent !== false) return
  const { features: contract } = await readReference(join(root, 'data'))
  const names = contract.features.map((feature) => feature.name)
  const model = await readTreeModel({ folder: join(root, served.url), contract, replaysAll: true })
  known = { width: names.length, names, grade: names.indexOf('grade'), model }
})

const servers: readonly (readonly [string, string, (http: Http) => RemoteModel, RegExp])[] = [
  ['MLflow', 'MLFLOW_SCORING_URL', (http) => mlflowModel(http, known.names), /^MLflow 3\.17\.2$/],
  [
    'MLServer, Open Inference Protocol',
    'OPEN_INFERENCE_URL',
    (http) => openInferenceModel(http, { name: 'returns', features: known.width }),
    /^Open Inference Protocol/,
  ],
]

for (const [name, setting, modelOf, says] of servers) {
  const { url, absent } = engineUrl(setting)
  test(`${name}, really running, answers as the trainer and as the embedded trees`, { skip: absent }, async (t) => {
    const http = openHttp({
      system: name,
      baseUrl: url,
      timeoutMs: patienceMs,
      bytesMax: 4 * 1024 * 1024,
      metrics: { observe: () => {} },
    })
    const model = modelOf(http)
    assert.match(await model.about(AbortSignal.timeout(patienceMs)), says)
    const { golden, model: trees } = known.model
    const policy = openPolicy({
      name,
      timeoutMs: patienceMs,
      breaker: { failures: 5, withinMs: 30_000, halfOpenAfterMs: 30_000 },
      bulkhead: { concurrentMax: 1, queueMax: 0 },
    })
    const remote = openRemote({
      model,
      policy,
      modelId: trees.artefact.id,
      version: trees.artefact.version,
      rowsMax: 64,
      calibrationOf: () => null,
    })
    const isGraded = (row: number) => !Number.isNaN(golden.x[row * known.width + known.grade]!)
    const count = Math.min(golden.count, 10 * batch)
    let compared = 0
    for (let from = 0; from < count; from += batch) {
      const places = Array.from({ length: Math.min(batch, count - from) }, (_, i) => from + i)
      const rows = golden.x.slice(from * known.width, (from + places.length) * known.width)
      const items = places.map((place) => ({ grade: isGraded(place) ? 'A' : null }) as DecisionItem)
      const answer = await remote.predict({ items, rows })
      const parity = compareGolden(golden, places, answer.values, isGraded)
      assert.ok(parity.worst <= 1, `golden row ${parity.at?.row}: ${JSON.stringify(parity.at)}`)
      assert.equal(answer.modelVersion, `${trees.artefact.id}-${trees.artefact.version}`)
      compared += places.length
    }
    const one = { items: [{ grade: null } as DecisionItem], rows: golden.x.slice(0, known.width) }
    const startedAt = performance.now()
    for (let i = 0; i < 10; i++) await remote.predict(one).catch(() => null)
    t.diagnostic(`${compared} golden rows; one unit in ${((performance.now() - startedAt) / 10).toFixed(1)} ms`)
  })
}
