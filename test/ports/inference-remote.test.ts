import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { FeatureContract } from '#contracts/features.ts'
import { predictionWidth } from '#contracts/prediction.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { isTransient, openHttp } from '#integrations/http.ts'
import { openLevels } from '#integrations/inference/levels.ts'
import { mlflowModel } from '#integrations/inference/mlflow.ts'
import { openInferenceModel } from '#integrations/inference/open-inference.ts'
import type { Inference } from '#integrations/inference/port.ts'
import { openRemote, type RemoteModel } from '#integrations/inference/remote.ts'
import { tfServingModel } from '#integrations/inference/tf-serving.ts'
import { AppError } from '#kernel/errors.ts'
import { openPolicy } from '#platform/resilience/policies.ts'
import { countingMetrics, silentLog } from '../support/fakes.ts'
import {
  openModelServer,
  protocols,
  type Fault,
  type ModelServer,
  type Protocol,
} from '../support/inference-servers.ts'
import { goodRow } from '../support/predictions.ts'
import { specsAbsent } from '../support/spec.ts'
import contract from '../../data/features/returns.v1.json' with { type: 'json' }

const names = (contract as unknown as FeatureContract).features.map((feature) => feature.name)
const width = names.length
/** The limit of decision-model 8, and patience where a test is about something else than time. */
const limitMs = 150
const patienceMs = 5000

const item = { grade: null } as DecisionItem

function rowsOf(count: number): Float32Array {
  return Float32Array.from({ length: count * width }, (_, i) => (i % 7 === 3 ? Number.NaN : Math.sin(i) * 1000))
}

function modelOf(protocol: Protocol, url: string): RemoteModel {
  const http = openHttp({
    system: protocol,
    baseUrl: url,
    timeoutMs: patienceMs,
    bytesMax: 4 * 1024 * 1024,
    metrics: { observe: () => {} },
  })
  if (protocol === 'mlflow') return mlflowModel(http, names)
  return protocol === 'tf-serving'
    ? tfServingModel(http, { name: 'returns' })
    : openInferenceModel(http, { name: 'returns', features: width })
}

function remoteOn(
  protocol: Protocol,
  server: ModelServer,
  over: { failures?: number; isRetrying?: boolean; timeoutMs?: number } = {},
) {
  const policy = openPolicy({
    name: protocol,
    timeoutMs: over.timeoutMs ?? patienceMs,
    breaker: { failures: over.failures ?? 1_000_000, withinMs: 30_000, halfOpenAfterMs: 30_000 },
    bulkhead: { concurrentMax: 32, queueMax: 32 },
    ...(over.isRetrying === true ? { retry: { attemptsMax: 1, firstWaitMs: 2, budgetShare: 0.1, isTransient } } : {}),
  })
  const remote = openRemote({
    model: modelOf(protocol, server.url),
    policy,
    modelId: 'returns',
    version: undefined,
    rowsMax: 64,
    calibrationOf: () => null,
  })
  return { remote, policy }
}

/** Stands for the next level: always there, and known by its number. */
function nextLevel(): Inference {
  return {
    info: () => [{ engine: 'next', level: 'L1', modelVersion: 'embedded' }],
    predict: async ({ items }) => ({
      count: items.length,
      values: new Float64Array(items.length * predictionWidth).fill(0.5),
      engine: 'next',
      level: 'L1',
      modelVersion: 'embedded',
      calibration: null,
      fellBack: [],
    }),
    close: async () => {},
  }
}

const problemOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail('it was answered'),
    (thrown: unknown) => thrown,
  )
  return error instanceof AppError ? error.problem : assert.fail(String(error))
}

const html = { kind: 'raw', type: 'text/html', body: '<html><body>502 Bad Gateway</body></html>' } as const
const faults: readonly (readonly [string, Fault, RegExp])[] = [
  ['NaN', { kind: 'values', change: (v) => void (v[1]![0] = null) }, /^not_a_number$/],
  ['NaN as Python writes it', { kind: 'raw', type: 'application/json', body: '{"predictions": [NaN]}' }, /^not_json$/],
  ['confidence 7', { kind: 'values', change: (v) => void (v[0]![predictionWidth - 3] = 7) }, /^out_of_range$/],
  ['a route that does not exist', { kind: 'values', change: (v) => v.forEach((row) => row.push(1)) }, /^wrong_count$/],
  ['a row too few', { kind: 'values', change: (v) => void v.pop() }, /^wrong_count$/],
  [
    'text for a number',
    { kind: 'values', change: (v) => void (v[0]![5] = 'a lot' as unknown as number) },
    /^wrong_shape$/,
  ],
  ['other columns', { kind: 'names', names: { columns_hash: 'f'.repeat(64) } }, /^wrong_columns$/],
  ['another model', { kind: 'names', names: { model_id: 'credit-risk' } }, /^wrong_model$/],
  ['a model without a version', { kind: 'names', names: { model_version: undefined } }, /^wrong_model$/],
  ['HTML', html, /^not_json$/],
  ['HTML that says it is JSON', { ...html, type: 'application/json' }, /^not_json$/],
  ['an empty answer', { kind: 'raw', type: 'application/json', body: '' }, /^wrong_(model|shape)$/],
  ['50 MB', { kind: 'flood', bytes: 50 * 1024 * 1024 }, /^(too_large|timeout)$/],
  ['30 s', { kind: 'silence' }, /^timeout$/],
  ['500', { kind: 'raw', status: 500, type: 'application/json', body: '{"error":"x"}' }, /^status_500$/],
  ['a reset connection', { kind: 'reset' }, /^(reset|unreachable)$/],
  ['a redirect', { kind: 'redirect' }, /^status_307$/],
]

for (const protocol of protocols) {
  test(`${protocol}: speaks as its specification says`, { skip: specsAbsent }, async (t) => {
    const server = await openModelServer(t, protocol)
    const { remote } = remoteOn(protocol, server)

    await t.test('rows arrive as they were, what is missing as missing, and predictions come back', async () => {
      const rows = rowsOf(3)
      const answer = await remote.predict({ items: [item, item, item], rows })
      assert.deepEqual(server.lastRows().flat(), [...rows])
      assert.deepEqual(
        [answer.count, answer.level, answer.engine, answer.modelVersion],
        [3, 'L0', protocol, 'returns-7'],
      )
      assert.deepEqual([...answer.values], Array.from({ length: 3 }, () => [...goodRow()]).flat())
      assert.deepEqual(server.violations, [])
    })
    await t.test('it tells what serves', async () => {
      assert.match(
        await modelOf(protocol, server.url).about(AbortSignal.timeout(1000)),
        /MLflow 3|version 7|smartreturns/,
      )
    })
    await t.test('a batch larger than it takes is left to the next level without a call', async () => {
      const before = server.asked()
      const request = { items: Array.from({ length: 65 }, () => item), rows: rowsOf(65) }
      assert.equal(await problemOf(remote.predict(request)), 'batch_too_large')
      assert.equal(server.asked(), before)
    })
    await t.test('nobody there', async () => {
      const gone = remoteOn(protocol, { ...server, url: 'http://127.0.0.1:9' })
      assert.equal(await problemOf(gone.remote.predict({ items: [item], rows: rowsOf(1) })), 'unreachable')
    })
  })

  test(
    `${protocol}: what can't be trusted is refused, the next level answers, and it is said why`,
    { skip: specsAbsent },
    async (t) => {
      const server = await openModelServer(t, protocol)
      const counts = countingMetrics()
      const more: typeof faults =
        protocol === 'open-inference'
          ? [...faults, ['the answer to another request', { kind: 'wrong_id' }, /^wrong_model$/]]
          : faults
      for (const [name, fault, why] of more) {
        await t.test(name, async () => {
          server.faultOf = () => fault
          const isEndless = fault.kind === 'silence' || fault.kind === 'flood'
          const { remote } = remoteOn(protocol, server, isEndless ? { timeoutMs: limitMs } : {})
          const levels = openLevels([remote, nextLevel()], { log: silentLog, metrics: counts })
          const startedAt = performance.now()
          const answer = await levels.predict({ items: [item, item], rows: rowsOf(2) })
          if (isEndless) assert.ok(performance.now() - startedAt < 1000, 'within a second')
          assert.deepEqual([answer.level, answer.engine, answer.modelVersion], ['L1', 'next', 'embedded'])
          assert.ok(
            answer.values.every((value) => value === 0.5),
            'nothing of the refused answer is left',
          )
          assert.equal(answer.fellBack.length, 1)
          const [passed] = answer.fellBack
          assert.deepEqual([passed!.level, passed!.engine], ['L0', protocol])
          assert.match(passed!.why, why)
        })
      }
      assert.equal(counts.counts.get('smartreturns_inference_passed_over_total'), more.length)
    },
  )
}

async function askMany(levels: Inference, count: number): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const { level, fellBack } = await levels.predict({ items: [item], rows: rowsOf(1) })
    const key = fellBack[0] === undefined ? level : `${level} ${fellBack[0].why}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  return seen
}

test(
  'a dead server is asked five times in 30 s, then once more; when it answers again it serves again',
  { skip: specsAbsent },
  async (t: TestContext) => {
    const server = await openModelServer(t, 'mlflow')
    const { remote, policy } = remoteOn('mlflow', server, { failures: 5 })
    const levels = openLevels([remote, nextLevel()], { log: silentLog, metrics: countingMetrics() })
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
    server.faultOf = () => ({ kind: 'raw', status: 500, type: 'application/json', body: '{}' })
    assert.deepEqual(
      await askMany(levels, 100),
      new Map([
        ['L1 status_500', 5],
        ['L1 breaker_open', 95],
      ]),
    )
    assert.equal(server.asked(), 5)
    assert.equal(policy.state().breaker, 'open')
    assert.equal(levels.info()[0]!.state!.breaker, 'open')
    t.mock.timers.tick(30_000)
    assert.deepEqual(
      await askMany(levels, 10),
      new Map([
        ['L1 status_500', 1],
        ['L1 breaker_open', 9],
      ]),
    )
    server.faultOf = () => null
    t.mock.timers.tick(30_000)
    assert.deepEqual(await askMany(levels, 10), new Map([['L0', 10]]))
    assert.equal(server.asked(), 16)
  },
)

test('of a server that fails every other time no more than a tenth more is asked', { skip: specsAbsent }, async (t) => {
  const server = await openModelServer(t, 'open-inference')
  const { remote, policy } = remoteOn('open-inference', server, { isRetrying: true })
  const levels = openLevels([remote, nextLevel()], { log: silentLog, metrics: countingMetrics() })
  server.faultOf = (request) =>
    request % 2 === 0 ? null : { kind: 'raw', status: 503, type: 'application/json', body: '{}' }
  const seen = await askMany(levels, 300)
  const { calls, retries } = policy.state()
  assert.deepEqual([calls, server.asked()], [300, 300 + retries])
  assert.ok(retries >= 20 && retries <= 35, `${retries} retries`)
  assert.equal((seen.get('L0') ?? 0) + (seen.get('L1 status_503') ?? 0), 300)
})
