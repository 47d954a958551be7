import type { ModelCalibration } from '#contracts/models.ts'
import type { SplitData, SplitName } from '../simulator/read-world.ts'
import { uncalibrated } from './calibrate.ts'
import { coverageOf } from './coverage.ts'
import { byGradeTable, byModel, byUnitMargin, judgeSplit, type Judged } from './judge.ts'
import { metric, type Metric } from './metric.ts'
import { calibrationError, classwiseError, logLoss, regret, selective, sumOf } from './metrics.ts'
import { outcomePlace, outcomeWidth } from '#contracts/training-rows.ts'
import type { Point, WorldEngine } from './world-engine.ts'

const nearShare = 0.02
const shifts = ['shift_price', 'shift_category', 'shift_festival'] as const satisfies readonly SplitName[]
const points = ['t0', 't1'] as const
const bars = {
  t0: { regret: 0.015, shifted: 0.03, top1: 0.85 },
  t1: { regret: 0.005, shifted: 0.015, top1: 0.93 },
} as const

export type Setting = {
  readonly engine: WorldEngine
  /** The same with the tables of level L2 instead of the model. */
  readonly tables: WorldEngine
  readonly calibration: ModelCalibration
  readonly split: (name: SplitName) => SplitData
  readonly progress: (line: string) => void
}

export type DecisionMeasures = {
  readonly metrics: readonly Metric[]
  /** Decisions on the test split with the calibration of the model. */
  readonly test: Readonly<Record<Point, readonly Judged[]>>
}

export function regretOf(judged: readonly Judged[]): number {
  return regret(
    judged.map(({ utility }) => utility),
    judged.map(({ bestUtility }) => bestUtility),
  )
}

function shareOf(judged: readonly Judged[], is: (one: Judged) => boolean): number {
  return judged.filter(is).length / judged.length
}

function confidenceError(judged: readonly Judged[]): number {
  return calibrationError(
    judged.map(({ confidence }) => confidence),
    judged.map(({ isBest }) => Number(isBest)),
  )
}

/** Regret, agreement, confidence, intervals and what rules of thumb would have done (decision-model 11). */
export async function measureDecisions(setting: Setting): Promise<DecisionMeasures> {
  const { engine, calibration, progress } = setting
  const metrics: Metric[] = []
  const test: Partial<Record<Point, Judged[]>> = {}
  const split = setting.split('test')
  for (const point of points) {
    progress(`test, ${point}`)
    const raw = await judgeSplit(engine, split, point, byModel(engine, uncalibrated))
    const judged = await judgeSplit(engine, split, point, byModel(engine, calibration))
    test[point] = judged
    metrics.push(...decisionMetrics(point, judged), ...intervalMetrics(point, raw, calibration))
    metrics.push(...(await heuristicMetrics(setting, split, point, regretOf(judged))))
    if (point === 't0') metrics.push(...gradeMetrics(split, judged))
  }
  for (const name of shifts) {
    const shifted = setting.split(name)
    for (const point of points) {
      progress(`${name}, ${point}`)
      const raw = await judgeSplit(engine, shifted, point, byModel(engine, uncalibrated))
      const judged = await judgeSplit(engine, shifted, point, byModel(engine, calibration))
      metrics.push(...shiftMetrics(name, point, raw, judged, calibration))
    }
  }
  return { metrics, test: test as Record<Point, Judged[]> }
}

function decisionMetrics(point: Point, judged: readonly Judged[]): Metric[] {
  const on = `test, ${judged.length} units`
  const near = shareOf(judged, (one) => one.bestUtility - one.utility <= nearShare * one.reference)
  const sure = selective(
    judged.map(({ confidence }) => confidence),
    judged.map(({ utility }) => utility),
    judged.map(({ bestUtility }) => bestUtility),
  )
  const all = regretOf(judged)
  const realised = judged.filter(({ value }) => !Number.isNaN(value))
  return [
    metric(`regret_${point}`, all, { most: bars[point].regret }, on),
    metric(
      `top1_${point}`,
      shareOf(judged, ({ isBest }) => isBest),
      { least: bars[point].top1 },
      on,
    ),
    metric(`within_2_percent_${point}`, near, { least: 0.95 }, `${on}; loss of at most 2 % of the reference price`),
    metric(`confidence_ece_${point}`, confidenceError(judged), { most: 0.02 }, `${on}; 15 bins of equal mass`),
    metric(`selective_ratio_${point}`, sure.at80 / all, { most: 0.5 }, `${on}; regret of the surest 80 % / of all`),
    metric(`aurc_${point}`, sure.area, null, `${on}; area under regret over coverage`),
    metric(
      `recovery_${point}`,
      sumOf(realised.map(({ value }) => value)) / sumOf(realised.map(({ reference }) => reference)),
      null,
      `${on}; realised net recovery value / reference price`,
    ),
  ]
}

function intervalMetrics(point: Point, raw: readonly Judged[], calibration: ModelCalibration): Metric[] {
  const still = coverageOf(raw, calibration, false)
  return [
    metric(`coverage_${point}`, still.all, { least: 0.88, most: 0.92 }, 'test; realised value inside p05..p95'),
    metric(
      `coverage_worst_group_${point}`,
      still.worst,
      { least: 0.85 },
      `test; ${still.worstGroup}, of groups with 200 outcomes or more`,
    ),
  ]
}

async function heuristicMetrics(setting: Setting, split: SplitData, point: Point, ours: number): Promise<Metric[]> {
  const { tables } = setting
  const table = regretOf(await judgeSplit(tables, split, point, byGradeTable(tables)))
  const margin = regretOf(await judgeSplit(tables, split, point, byUnitMargin(tables)))
  const level2 = regretOf(await judgeSplit(tables, split, point, byModel(tables, null)))
  return [
    metric(`regret_grade_table_${point}`, table, null, 'test; first allowed route of the grade'),
    metric(`regret_unit_margin_${point}`, margin, null, 'test; best margin of the one unit by the tables'),
    metric(`regret_level2_${point}`, level2, null, 'test; this engine on the tables of level L2'),
    metric(
      `regret_against_heuristics_${point}`,
      ours / Math.min(table, margin),
      { most: 0.5 },
      'test; ours / the better of the two',
    ),
  ]
}

function gradeMetrics({ y }: SplitData, judged: readonly Judged[]): Metric[] {
  const graded = judged
    .map(({ unit, grades }) => ({ grades, grade: y[unit * outcomeWidth + outcomePlace('grade')]! }))
    .filter(({ grade }) => !Number.isNaN(grade))
  const said = graded.map(({ grades }) => grades)
  const was = graded.map(({ grade }) => grade)
  return [
    metric('grade_log_loss', logLoss(said, was), null, `test at t0, ${graded.length} units`),
    metric('grade_ece', classwiseError(said, was), { most: 0.03 }, 'test at t0; class-wise, 15 bins of equal mass'),
  ]
}

function shiftMetrics(
  name: string,
  point: Point,
  raw: readonly Judged[],
  judged: readonly Judged[],
  calibration: ModelCalibration,
): Metric[] {
  const on = `${name}, ${judged.length} units`
  const adaptive = coverageOf(raw, calibration, true)
  return [
    metric(`regret_${point}_${name}`, regretOf(judged), { most: bars[point].shifted }, on),
    metric(`confidence_ece_${point}_${name}`, confidenceError(judged), { most: 0.05 }, on),
    metric(`coverage_${point}_${name}`, adaptive.all, { least: 0.85 }, `${on}; alpha adapting`),
  ]
}
