import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { modelVersionSchema } from '#contracts/model-registry.ts'
import { AppError } from '#kernel/errors.ts'
import { modelFiles, type ModelFacts, type ModelFiles } from './port.ts'

/** A larger file is no part of a model of ours. */
const fileBytesMax = 32 * 1024 * 1024
const metricsMax = 500
const needed = ['model.json', 'golden.x.f32', 'golden.y.f32']

const headSchema = z.object({
  version: modelVersionSchema,
  contractHash: z.string(),
  dataHash: z.string(),
  trainedOn: z.string(),
})

const refused = (what: string) => new AppError('unavailable', what, { problem: 'model_refused' })

/** The files of a model folder and what they say of themselves. What the model answers is checked elsewhere. */
export async function readModelFolder(
  folder: string,
): Promise<{ readonly facts: ModelFacts; readonly files: ModelFiles }> {
  const files = new Map<string, Uint8Array>()
  for (const name of modelFiles) {
    const path = join(folder, name)
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    )
    if (size === null) continue
    if (size > fileBytesMax) throw refused(`${path} has ${size} bytes, more than ${fileBytesMax}`)
    files.set(name, await readFile(path))
  }
  const missing = needed.filter((name) => !files.has(name))
  if (missing.length > 0) throw refused(`${folder} is no folder of a model: ${missing.join(', ')} missing`)
  return { facts: factsOf(folder, files), files }
}

function factsOf(folder: string, files: ModelFiles): ModelFacts {
  const head = headSchema.safeParse(json(files.get('model.json')!))
  if (!head.success) throw refused(`${join(folder, 'model.json')} does not say which model it is`)
  const metrics = files.get('metrics.json')
  return { ...head.data, sha256: hashOf(files), metrics: metrics === undefined ? {} : numbersOf(json(metrics)) }
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return null
  }
}

/** Names and bytes of all files, in the order of names. */
export function hashOf(files: ModelFiles): string {
  const hash = createHash('sha256')
  for (const name of [...files.keys()].toSorted()) {
    const bytes = files.get(name)!
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

function numbersOf(value: unknown, path = '', into: Record<string, number> = {}): Record<string, number> {
  if (Object.keys(into).length >= metricsMax) return into
  if (typeof value === 'number') into[path] = value
  else if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [key, inner] of Object.entries(value)) numbersOf(inner, path === '' ? key : `${path}.${key}`, into)
  return into
}

/** Writes the files of a model into a folder of their own below `root`, whole or not at all; answers the folder. */
export async function placeModel(root: string, model: ModelFacts, files: ModelFiles): Promise<string> {
  if (hashOf(files) !== model.sha256)
    throw refused(`the files of model ${model.version} are not those that were registered`)
  const folder = join(root, model.sha256.slice(0, 16))
  if (await isWhole(folder, model.sha256)) return folder
  const aside = `${folder}.${randomUUID()}`
  await mkdir(aside, { recursive: true, mode: 0o700 })
  for (const [name, bytes] of files) {
    if (!(modelFiles as readonly string[]).includes(name)) throw refused(`model ${model.version} has a file ${name}`)
    await writeFile(join(aside, name), bytes, { mode: 0o600 })
  }
  await rm(folder, { recursive: true, force: true })
  await rename(aside, folder).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true })
    // Another process was faster.
    if (!(await isWhole(folder, model.sha256))) throw error
  })
  return folder
}

async function isWhole(folder: string, sha256: string): Promise<boolean> {
  try {
    return (await readModelFolder(folder)).facts.sha256 === sha256
  } catch {
    return false
  }
}
