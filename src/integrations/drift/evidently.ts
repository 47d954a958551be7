import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { FeatureDrift, TrainingReference } from '#contracts/drift.ts'
import type { FeatureContract } from '#contracts/features.ts'
import { AppError } from '#kernel/errors.ts'
import { randomFrom } from '#kernel/random.ts'
import { columnOf, featureDrift } from './built-in.ts'
import type { Drift, DriftWindow } from './port.ts'

const timeoutMs = 600_000
const referenceRows = 2000
const textMax = 4000

const summarySchema = z.object({
  columns: z.array(z.object({ name: z.string(), drifted: z.boolean(), score: z.number() })),
})

/**
 * Evidently as a job beside this program: it reads two CSV files and writes `report.html` and a JSON summary into a folder of
 * the run. What it calls drift is at least a warning here; the figures beside it are our own.
 */
export function openEvidently(settings: {
  readonly python: string
  /** Folder that has the package `serving`. */
  readonly codeFolder: string
  readonly outFolder: string
  readonly contract: FeatureContract
  readonly now: () => number
}): Drift {
  const { contract } = settings
  return {
    engine: 'evidently',
    measure: async (reference, window) => {
      const folder = join(settings.outFolder, new Date(settings.now()).toISOString().replaceAll(':', '-'))
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const names = contract.features.map((feature) => feature.name)
      await writeFile(join(folder, 'reference.csv'), csvOf(names, sampleOf(reference, names)))
      await writeFile(join(folder, 'window.csv'), csvOf(names, columnsOf(window, names.length)))
      const codes = contract.features.filter((feature) => feature.type !== 'number').map((feature) => feature.name)
      await writeFile(join(folder, 'columns.json'), JSON.stringify({ names, codes }))
      await run(settings.python, ['-m', 'serving.drift_report', folder], settings.codeFolder)
      const summary = summarySchema.parse(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')))
      const judged = new Map(summary.columns.map((column) => [column.name, column]))
      return reference.features.map((feature): FeatureDrift => {
        const place = names.indexOf(feature.name)
        const ours = featureDrift(feature, reference.count, columnOf(window, place, names.length))
        const isDrifted = judged.get(feature.name)?.drifted === true
        return { ...ours, level: isDrifted ? (ours.level === 'alert' ? 'alert' : 'warn') : 'ok' }
      })
    },
  }
}

function columnsOf(window: DriftWindow, width: number): number[][] {
  return Array.from({ length: width }, (_, place) => columnOf(window, place, width))
}

/** Rows drawn from the summary, each feature by itself: enough for tests that look at one feature at a time. */
function sampleOf(reference: TrainingReference, names: readonly string[]): number[][] {
  const byName = new Map(reference.features.map((feature) => [feature.name, feature]))
  const random = randomFrom(7)
  return names.map((name) => {
    const feature = byName.get(name)
    return Array.from({ length: Math.min(referenceRows, Math.max(reference.count, 1)) }, () => {
      if (feature === undefined || random() < feature.missing) return Number.NaN
      if (feature.quantiles !== null) return feature.quantiles[Math.floor(random() * 101)]!
      let left = random()
      const code = (feature.shares ?? []).findIndex((share) => (left -= share) < 0)
      return code < 0 ? Number.NaN : code
    })
  })
}

function csvOf(names: readonly string[], columns: readonly (readonly number[])[]): string {
  const lines = Array.from({ length: columns[0]?.length ?? 0 }, (_, i) =>
    columns.map((column) => (Number.isNaN(column[i]) ? '' : String(column[i]))).join(','),
  )
  return `${[names.join(','), ...lines].join('\n')}\n`
}

function run(python: string, args: readonly string[], codeFolder: string): Promise<void> {
  const failed = (detail: string) =>
    new AppError('unavailable', `evidently: ${detail}`, { problem: 'drift_job_failed' })
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { cwd: codeFolder, stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs })
    let told = ''
    child.stderr.on('data', (data: Buffer) => (told = (told + data.toString()).slice(-textMax)))
    child.on('error', (error) => reject(failed(`${python} can't be run (${error.message})`)))
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(failed(`exit code ${code}: ${told.trim().split('\n').at(-1)}`)),
    )
  })
}
