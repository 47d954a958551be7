import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { trainingManifestSchema, type TrainingManifest } from '#contracts/training-rows.ts'
import { AppError } from '#kernel/errors.ts'
import type { LoggedDecision } from './decide-logged.ts'
import type { SplitName } from './names.ts'
import {
  hashOf,
  possibleColumns,
  readFloats,
  readLines,
  truthColumns,
  worldSchema,
  type WorldFile,
} from './world-files.ts'

export type { LoggedDecision, SplitName, WorldFile }
export { worldDecision } from './world-model.ts'

export type SplitData = {
  readonly name: SplitName
  readonly manifest: TrainingManifest
  readonly count: number
  readonly items: readonly { readonly t0: DecisionItem; readonly t1: DecisionItem }[]
  /** Rows of the feature contract, and of `outcomeColumns`. */
  readonly x0: Float32Array
  readonly x1: Float32Array
  readonly y: Float32Array
  /** count x options x `truthColumns`, paise; NaN where the option is not in A(i). */
  readonly truth: Float32Array
  /** count x options x `possibleColumns`: utilities also of options that an estimate alone excludes from A(i). */
  readonly possible: Float32Array
  readonly decisions: readonly LoggedDecision[] | null
}

export type World = { readonly file: WorldFile; readonly split: (name: SplitName) => SplitData }

/** A world that was written by `simulate`. A split is read when asked for; its sizes and its hash must be right. */
export function readWorld(folder: string): World {
  const path = join(folder, 'world.json')
  if (!existsSync(path))
    throw new AppError('not_found', `there is no world in ${folder}: simulate --out ${folder} makes one`)
  const file = worldSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  return { file, split: (name) => readSplit(folder, file, name) }
}

function readSplit(folder: string, file: WorldFile, name: SplitName): SplitData {
  const at = (end: string) => join(folder, `${name}.${end}`)
  const manifest = trainingManifestSchema.parse(JSON.parse(readFileSync(at('json'), 'utf8')))
  const { count } = file.splits[name]
  const sized = (end: string, width: number) => {
    const values = readFloats(at(end))
    if (values.length === count * width) return values
    throw new AppError('invalid', `${at(end)} has ${values.length} numbers, not ${count} x ${width}`)
  }
  const x0 = sized('x0.f32', manifest.features.length)
  const x1 = sized('x1.f32', manifest.features.length)
  const y = sized('y.f32', manifest.outcomes.length)
  if (hashOf(x0, x1, y) !== manifest.dataHash)
    throw new AppError('invalid', `${at('json')}: the rows are not those of its hash`)
  const options = file.options.length
  return {
    name,
    manifest,
    count,
    items: readLines(at('items.jsonl')),
    x0,
    x1,
    y,
    truth: sized('truth.f32', options * truthColumns.length),
    possible: sized('possible.f32', options * possibleColumns.length),
    decisions: manifest.kind === 'logged' ? readLines(at('decisions.jsonl')) : null,
  }
}
