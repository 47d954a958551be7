import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Reference } from '#contracts/reference.ts'
import { readTreeModel } from '#integrations/inference/in-process.ts'
import type { InferenceInfo } from '#integrations/inference/port.ts'
import { openTables } from '#integrations/inference/tables.ts'
import { placeModel } from '#integrations/model-registry/model-folder.ts'
import type { ModelRegistry } from '#integrations/model-registry/port.ts'
import { openMetrics } from '#platform/telemetry/metrics.ts'
import type { Config } from './config.ts'
import { remoteModelOf } from './open-inference.ts'

type Line = { readonly what: string; readonly state: 'ok' | 'wrong' | 'note'; readonly detail: string }

const patienceMs = 3000

/** What would answer decisions now, found by asking: nothing is taken on trust. */
export async function inspectInference(
  config: Config,
  reference: Reference,
  registry: ModelRegistry | null,
): Promise<{ readonly lines: Line[]; readonly levels: InferenceInfo[] }> {
  const [remote, shipped, champion] = await Promise.all([
    inspectRemote(config, reference),
    inspectFolder(config.SMARTRETURNS_MODEL, reference),
    registry === null ? null : inspectChampion(config, registry, reference),
  ])
  const embedded = champion?.levels ?? shipped.levels
  return {
    lines: [remote.line, shipped.line, champion?.line ?? null].filter((line) => line !== null),
    levels: [...remote.levels, ...embedded, ...openTables(reference).info()],
  }
}

type Found = { readonly line: Line | null; readonly levels: readonly InferenceInfo[] }

async function inspectRemote(config: Config, reference: Reference): Promise<Found> {
  const model = remoteModelOf(config, reference.features, openMetrics())
  if (model === null) return { line: null, levels: [] }
  const what = 'model server'
  try {
    const about = await model.about(AbortSignal.timeout(patienceMs))
    const levels = [{ engine: model.engine, level: 'L0', modelVersion: about } as const]
    return { line: { what, state: 'ok', detail: about }, levels }
  } catch (error) {
    const detail = `${(error as Error).message}; the embedded model answers meanwhile`
    return { line: { what, state: 'wrong', detail }, levels: [] }
  }
}

async function inspectFolder(folder: string, reference: Reference): Promise<Found> {
  const what = 'model folder'
  if (!existsSync(join(folder, 'model.json')))
    return { line: { what, state: 'note', detail: `${folder} holds no model: tables answer` }, levels: [] }
  try {
    const { model, parity } = await readTreeModel({ folder, contract: reference.features, replaysAll: true })
    const { id, version } = model.artefact
    const detail = `${id} ${version}, ${parity.rows} golden vectors answered as by the trainer`
    return {
      line: { what, state: 'ok', detail },
      levels: [{ engine: 'trees', level: 'L1', modelVersion: `${id}-${version}` }],
    }
  } catch (error) {
    return { line: { what, state: 'wrong', detail: (error as Error).message }, levels: [] }
  }
}

/** `levels` is null where the registry calls no model its champion: the one that ships serves then. */
async function inspectChampion(
  config: Config,
  registry: ModelRegistry,
  reference: Reference,
): Promise<{ readonly line: Line; readonly levels: readonly InferenceInfo[] | null }> {
  const what = 'model registry'
  try {
    const [models, champion] = await Promise.all([registry.list(), registry.byAlias('champion')])
    const detail = `${registry.engine}: ${models.length} versions, champion ${champion?.version ?? 'none'}`
    if (champion === null) return { line: { what, state: 'ok', detail }, levels: null }
    const folder = await placeModel(join(config.dataFolder, 'models'), champion, await registry.read(champion.version))
    const { line, levels } = await inspectFolder(folder, reference)
    if (line?.state === 'ok') return { line: { what, state: 'ok', detail }, levels }
    return { line: { what, state: 'wrong', detail: `${detail}, which is refused: ${line?.detail}` }, levels }
  } catch (error) {
    return { line: { what, state: 'wrong', detail: (error as Error).message }, levels: null }
  }
}
