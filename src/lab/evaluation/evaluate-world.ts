import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelCalibration } from '#contracts/models.ts'
import { readWorld, worldDecision, type SplitName, type World } from '../simulator/read-world.ts'
import type { Laboratory } from '../laboratory.ts'
import { fitCalibration, uncalibrated } from './calibrate.ts'
import { judgeSplit, byModel, type Judged } from './judge.ts'
import { measureDecisions, regretOf, type Setting } from './measure-decisions.ts'
import { measureModel } from './measure-model.ts'
import { metric, type Metric } from './metric.ts'
import { openWorldEngine, type Point, type WorldEngine } from './world-engine.ts'

export type Evaluation = {
  readonly metrics: readonly Metric[]
  readonly test: Readonly<Record<Point, readonly Judged[]>>
}

export type EvaluateOptions = {
  readonly world: string
  /** A trained model; without it one is trained on the world and kept in it. */
  readonly model: string | null
  /** Write calibration and the gate's figures into the folder of the model that is given. */
  readonly finishes: boolean
  /** Train another model on the logged decisions alone, and measure that too. */
  readonly hasLogsOnly: boolean
  readonly progress: (line: string) => void
}

/** Units of the calibration split decided at both points, raw, and what they teach about confidence and intervals. */
export async function calibrateOn(engine: WorldEngine, world: World): Promise<ModelCalibration> {
  const split = world.split('calibrate')
  const raw = {
    t0: await judgeSplit(engine, split, 't0', byModel(engine, uncalibrated)),
    t1: await judgeSplit(engine, split, 't1', byModel(engine, uncalibrated)),
  }
  return fitCalibration(raw, 'simulated')
}

/** The whole table of decision-model 11 on one world, by a model that was trained on it (or by the one that is given). */
export async function evaluateWorld(lab: Laboratory, options: EvaluateOptions): Promise<Evaluation> {
  const world = readWorld(options.world)
  const setting = await openSetting(lab, world, options)
  const decisions = await measureDecisions(setting)
  const metrics = [
    ...decisions.metrics,
    ...(await measureModel(setting)),
    ...(options.hasLogsOnly ? await logsOnly(lab, world, options) : []),
    ...skew(modelFolder(options)),
  ]
  await setting.engine.inference.close()
  if (options.model === null || options.finishes) finishModel(modelFolder(options), setting.calibration, metrics)
  return { metrics, test: decisions.test }
}

function modelFolder({ world, model }: EvaluateOptions): string {
  return model ?? join(world, 'model')
}

async function openSetting(lab: Laboratory, world: World, options: EvaluateOptions): Promise<Setting> {
  const folder = modelFolder(options)
  if (options.model === null && !existsSync(join(folder, 'model.json'))) {
    options.progress('training on the world')
    await lab.train({ rows: options.world, out: folder, train: 'train', calibrate: 'calibrate' }, options.progress)
  }
  const kept = new Map<SplitName, ReturnType<World['split']>>()
  const split = (name: SplitName) => {
    const known = kept.get(name) ?? world.split(name)
    if (name === 'test') kept.set(name, known)
    return known
  }
  const engine = engineOf(lab, world, await lab.openTrees(folder))
  options.progress('calibrating')
  const calibration = await calibrateOn(engine, world)
  const { data } = engine
  const tables = engineOf(lab, world, {
    info: () => [],
    predict: async (request) => lab.tablesFor(data)(request),
    close: async () => {},
  })
  return { engine, tables, calibration, split, progress: options.progress }
}

function engineOf(lab: Laboratory, world: World, inference: WorldEngine['inference']): WorldEngine {
  const { decision, categories, features } = lab.ground
  return openWorldEngine(worldDecision(decision, world.file.params), categories, features, inference)
}

/** A model that has only seen what the logged choices showed. */
async function logsOnly(lab: Laboratory, world: World, { world: rows, progress }: EvaluateOptions): Promise<Metric[]> {
  const folder = join(rows, 'model-logs')
  if (!existsSync(join(folder, 'model.json'))) {
    progress('training on the logs')
    await lab.train({ rows, out: folder, train: 'logs', calibrate: null }, progress)
  }
  progress('the model of the logs')
  const engine = engineOf(lab, world, await lab.openTrees(folder))
  const split = world.split('test')
  const at = async (point: Point) => regretOf(await judgeSplit(engine, split, point, byModel(engine, uncalibrated)))
  const metrics = [
    metric('regret_t1_logs_only', await at('t1'), { most: 0.03 }, 'test; trained on logged decisions alone'),
    metric('regret_t0_logs_only', await at('t0'), null, 'test; trained on logged decisions alone'),
  ]
  await engine.inference.close()
  return metrics
}

/** What the trainer found when it compared the trees with ONNX, row by golden row. */
function skew(folder: string): Metric[] {
  const { parity } = readMetrics(folder)
  return [
    metric(
      'onnx_regression_difference',
      parity?.relative ?? Number.NaN,
      { most: 1e-4 },
      'relative, worst of all golden rows',
    ),
    metric('onnx_probability_difference', parity?.chance ?? Number.NaN, { most: 1e-5 }, 'worst of all golden rows'),
  ]
}

type TrainerMetrics = { readonly parity?: { readonly chance: number; readonly relative: number } }

function readMetrics(folder: string): TrainerMetrics {
  const path = join(folder, 'metrics.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as TrainerMetrics) : {}
}

/** Gives the model its calibration, and its metrics the figures that the promotion gate asks for. */
function finishModel(folder: string, calibration: ModelCalibration, metrics: readonly Metric[]): void {
  const valueOf = (name: string) => metrics.find((one) => one.name === name)?.value ?? null
  const gate = {
    gradeEce: valueOf('grade_ece'),
    confidenceEce: valueOf('confidence_ece_t1'),
    coverage: valueOf('coverage_t1'),
  }
  writeFileSync(join(folder, 'calibration.json'), `${JSON.stringify(calibration)}\n`)
  writeFileSync(join(folder, 'metrics.json'), `${JSON.stringify({ ...readMetrics(folder), gate }, null, 1)}\n`)
}
