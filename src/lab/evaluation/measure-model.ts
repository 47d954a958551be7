import { optionAtOf } from './options.ts'
import { candidateOf, offPolicyMetric } from './off-policy-metric.ts'
import { metric, type Metric } from './metric.ts'
import { quantileOf } from './metrics.ts'
import { measureSharpness } from './sharpness.ts'
import { decideBy, type WorldEngine } from './world-engine.ts'
import type { Setting } from './measure-decisions.ts'

const timedUnits = 2000
const bulkSize = 250
const offPolicySeeds = 200

/** Price quantiles beside an empirical table, the value of the engine estimated from logs alone, and the time it takes. */
export async function measureModel(setting: Setting): Promise<Metric[]> {
  const { engine, progress, split } = setting
  progress('sharpness')
  const sharp = await measureSharpness(engine, split('train'), split('test'))
  progress('off-policy value')
  const offPolicy = await offPolicyMetrics(setting)
  progress('time of one decision')
  return [
    metric(
      'sharpness',
      1 - sharp.model / sharp.table,
      { least: 0.2 },
      'test; pinball loss of ln price saved against the empirical table',
    ),
    metric('price_coverage', sharp.coverage, null, 'test; sale price between its 5 % and 95 % quantile'),
    ...offPolicy,
    ...(await speedMetrics(engine, setting)),
  ]
}

async function offPolicyMetrics({ engine, calibration, split }: Setting): Promise<Metric[]> {
  const logs = split('logs')
  if (logs.decisions === null)
    return [metric('off_policy_error', Number.NaN, { most: 0.02 }, 'the logs have no decisions')]
  const bodies = []
  for (let from = 0; from < logs.count; from += bulkSize) {
    const items = logs.items.slice(from, from + bulkSize).map(({ t1 }) => t1)
    bodies.push(...(await decideBy(engine, items, calibration)))
  }
  const { options } = engine.compiled
  const candidate = candidateOf(bodies, options.length, optionAtOf(engine))
  const found = offPolicyMetric({ ...logs, decisions: logs.decisions }, options, candidate, offPolicySeeds)
  const on = `logs, ${found.units} units, ${found.seeds} seeds`
  return [
    metric('off_policy_error', found.error.dr, { most: 0.02 }, `${on}; abs(DR - truth) / truth`),
    metric('off_policy_cover', found.cover, { least: 0.88 }, `${on}; 90 % intervals that hold the truth`),
    metric('off_policy_effective_n', found.effectiveCount, null, on),
  ]
}

async function speedMetrics(engine: WorldEngine, { calibration, split }: Setting): Promise<Metric[]> {
  const items = split('test').items.slice(0, timedUnits)
  const times: number[] = []
  for (const { t0, t1 } of items) {
    for (const item of [t0, t1]) {
      const began = performance.now()
      await decideBy(engine, [item], calibration)
      times.push(performance.now() - began)
    }
  }
  const sorted = times.toSorted((a, b) => a - b)
  const began = performance.now()
  for (let from = 0; from < items.length; from += bulkSize) {
    await decideBy(
      engine,
      items.slice(from, from + bulkSize).map(({ t0 }) => t0),
      calibration,
    )
  }
  const perSecond = items.length / ((performance.now() - began) / 1000)
  return [
    metric(
      'decision_ms_p50',
      quantileOf(sorted, 0.5),
      null,
      'features, all outputs, all options, intervals, confidence',
    ),
    metric('decision_ms_p99', quantileOf(sorted, 0.99), { most: 25 }, `${sorted.length} single decisions`),
    metric(
      'decisions_per_second',
      perSecond,
      { least: 500 },
      `batches of ${bulkSize} at t0, with confidence, one thread`,
    ),
  ]
}
