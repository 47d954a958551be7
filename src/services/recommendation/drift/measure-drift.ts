import { trainingReferenceSchema, type DriftLevel, type DriftReport, type TrainingReference } from '#contracts/drift.ts'
import { valuedGrades } from '#contracts/decision.ts'
import { basisOf, unpackRecommendation } from '#contracts/packed-recommendation.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import type { Drift } from '#integrations/drift/port.ts'
import { compiledFor } from '../compile.ts'
import { featureRows } from '../features.ts'
import { classwiseError, referenceOfRows } from './drift-reference.ts'
import { readFirstAdvice, readFoundGrades, writeDriftReport, type DecidedUnit, type Stretch } from './drift-store.ts'

type DriftContext = Pick<Context, 'db' | 'drift' | 'models' | 'reference' | 'now' | 'log' | 'metrics'>

const dayMs = 86_400_000
const windowDays = 14
const unitsMax = 10_000
const firstUnits = 2000
/** Below this nothing can be said. */
export const unitsMin = 200
const checkedMin = 150
/** What the error may be above that of the training's test rows. */
const eceBars = { warn: 0.03, alert: 0.08 } as const

const ranks: Readonly<Record<DriftLevel, number>> = { ok: 0, warn: 1, alert: 2 }
const worst = (levels: readonly DriftLevel[]) => levels.reduce((a, b) => (ranks[b] > ranks[a] ? b : a), 'ok' as const)

type Reference = { readonly summary: TrainingReference; readonly source: DriftReport['reference']['source'] }

/** Holds the units of the last two weeks against the model's reference by every engine, keeps the reports and counts them. */
export async function measureDrift(ctx: DriftContext): Promise<DriftReport[]> {
  const to = new Date(ctx.now())
  const stretch = { from: new Date(to.getTime() - windowDays * dayMs), to }
  const units = await readFirstAdvice(ctx.db, stretch, unitsMax, 'newest')
  const { rows, kept } = rowsOf(ctx, units)
  const { version } = ctx.models.serving()
  const reference = await referenceOf(ctx, version, stretch.from)
  const calibration = await calibrationOf(ctx, kept, version)
  const reports: DriftReport[] = []
  for (const engine of ctx.drift) {
    const facts = { stretch, reference, rows, count: kept.length, calibration }
    const report = await reportOf(ctx, engine, facts).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error
      ctx.log.error({ engine: engine.engine, err: error }, 'an engine made no drift report')
      return null
    })
    if (report === null) continue
    await writeDriftReport(ctx.db, report)
    ctx.metrics.gauge('smartreturns_drift_level', 'Drift: 0 ok, 1 warn, 2 alert', ranks[report.level ?? 'ok'], {
      engine: engine.engine,
    })
    const drifted = report.features.filter(({ level }) => level !== 'ok').map(({ name }) => name)
    if (report.level !== 'ok' && report.level !== null)
      ctx.log.warn({ engine: engine.engine, level: report.level, drifted }, 'units differ from those of the training')
    reports.push(report)
  }
  return reports
}

async function reportOf(
  ctx: DriftContext,
  drift: Drift,
  facts: {
    readonly stretch: Stretch
    readonly reference: Reference
    readonly rows: Float32Array
    readonly count: number
    readonly calibration: DriftReport['calibration']
  },
): Promise<DriftReport> {
  const { stretch, reference, rows, count, calibration } = facts
  const isEnough = count >= unitsMin && reference.summary.count >= unitsMin
  const features = isEnough ? [...(await drift.measure(reference.summary, { count, rows }))] : []
  const levels = [...features.map(({ level }) => level), ...(calibration === null ? [] : [calibration.level])]
  return {
    engine: drift.engine,
    at: stretch.to.toISOString(),
    from: stretch.from.toISOString(),
    to: stretch.to.toISOString(),
    reference: {
      source: reference.source,
      count: reference.summary.count,
      model: ctx.models.serving().version ?? 'tables',
    },
    count,
    level: isEnough ? worst(levels) : null,
    features,
    calibration,
  }
}

function rowsOf(ctx: DriftContext, units: readonly DecidedUnit[]) {
  const { decision, categories, features } = ctx.reference
  const based = units.flatMap((unit) => {
    const basis = basisOf(unit.body, unit.returnId)
    return basis === null ? [] : [{ unit, item: basis.item }]
  })
  const items = based.map(({ item }) => item)
  return { rows: featureRows(compiledFor(decision, categories), features, items), kept: based.map(({ unit }) => unit) }
}

/** The training's own summary, else the golden vectors, else the first units of the log before the window. */
async function referenceOf(ctx: DriftContext, version: string | null, before: Date): Promise<Reference> {
  const contract = ctx.reference.features
  const files = version === null ? null : await ctx.models.registry.read(version)
  const written = files?.get('reference.json')
  if (written !== undefined) {
    const summary = trainingReferenceSchema.safeParse(JSON.parse(Buffer.from(written).toString('utf8')))
    if (summary.success && summary.data.contractHash === contract.hash)
      return { summary: summary.data, source: 'training' }
    ctx.log.warn({ version }, 'reference.json of the model is not as it should be; its golden vectors stand in')
  }
  const golden = files?.get('golden.x.f32')
  if (golden !== undefined) {
    const rows = beforeTheCheck(
      golden,
      contract.features.length,
      contract.features.findIndex((f) => f.name === 'grade'),
    )
    const count = rows.length / contract.features.length
    if (count >= unitsMin) return { summary: referenceOfRows(contract, rows, count), source: 'golden' }
  }
  const first = await readFirstAdvice(ctx.db, { from: new Date(0), to: before }, firstUnits, 'oldest')
  const { rows, kept } = rowsOf(ctx, first)
  return { summary: referenceOfRows(contract, rows, kept.length), source: 'log' }
}

function beforeTheCheck(bytes: Uint8Array, width: number, grade: number): Float32Array {
  const all = new Float32Array(bytes.slice().buffer)
  const starts = Array.from({ length: all.length / width }, (_, i) => i * width).filter((at) =>
    Number.isNaN(all[at + grade]),
  )
  const rows = new Float32Array(starts.length * width)
  starts.forEach((at, i) => rows.set(all.subarray(at, at + width), i * width))
  return rows
}

async function calibrationOf(
  ctx: DriftContext,
  units: readonly DecidedUnit[],
  version: string | null,
): Promise<DriftReport['calibration']> {
  const grades = await readFoundGrades(
    ctx.db,
    units.map(({ returnId }) => returnId),
  )
  const found: number[] = []
  const predicted: number[][] = []
  for (const { returnId, body } of units) {
    const place = (valuedGrades as readonly string[]).indexOf(grades.get(returnId) ?? '')
    if (place < 0) continue
    const shares = unpackRecommendation(body).grades
    found.push(place)
    predicted.push(valuedGrades.map((grade) => shares[grade] ?? 0))
  }
  if (found.length < checkedMin) return null
  const gradeEce = classwiseError(predicted, found)
  const model = version === null ? null : await ctx.models.registry.find(version)
  const expectedEce = model?.metrics['gate.gradeEce'] ?? null
  const excess = gradeEce - (expectedEce ?? 0)
  const level = excess >= eceBars.alert ? 'alert' : excess >= eceBars.warn ? 'warn' : 'ok'
  return { count: found.length, gradeEce, expectedEce, level }
}
