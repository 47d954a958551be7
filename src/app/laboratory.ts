import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openInProcess } from '#integrations/inference/in-process.ts'
import { tablePredictor } from '#integrations/inference/tables.ts'
import { AppError } from '#kernel/errors.ts'
import type { Laboratory, TrainOrder } from '#lab/laboratory.ts'
import { readReference } from './reference.ts'

/** What the laboratory works with: the reference data and level L2 on them; no database is opened. */
export async function openLaboratory(referenceFolder: string): Promise<Laboratory> {
  const ground = await readReference(referenceFolder)
  return {
    ground,
    paramsFile: join(referenceFolder, 'simulator', 'params.json'),
    tablesFor: (decision) => tablePredictor({ decision, categories: ground.categories, features: ground.features }),
    openTrees: (folder) => openInProcess({ folder, contract: ground.features, replaysAll: true }),
    train,
  }
}

const trainer = join(import.meta.dirname, '..', '..', 'scripts', 'ml.mjs')

async function train(
  { rows, out, train: split, calibrate }: TrainOrder,
  progress: (line: string) => void,
): Promise<void> {
  const args = ['train', '--rows', rows, '--out', out, '--split', split]
  if (calibrate !== null) args.push('--calibrate', calibrate)
  const child = spawn(process.execPath, [trainer, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let last = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    last = text.trim().split('\n').at(-1) ?? last
    progress(`training: ${last}`)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0)
    throw new AppError('unavailable', `training on ${rows} failed: ${last}`, { problem: 'training_failed' })
}
