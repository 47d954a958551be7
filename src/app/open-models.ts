import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FeatureContract } from '#contracts/features.ts'
import { modelCalibrationSchema, type ModelCalibration } from '#contracts/models.ts'
import { openChampion, type Champion, type WantedModel } from '#integrations/inference/champion.ts'
import { openInProcess, readTreeModel } from '#integrations/inference/in-process.ts'
import { parityLimits } from '#integrations/inference/parity.ts'
import { placeModel, readModelFolder } from '#integrations/model-registry/model-folder.ts'
import type { ModelRegistry, Models, RegisteredModel } from '#integrations/model-registry/port.ts'
import { AppError } from '#kernel/errors.ts'
import type { Log } from '#platform/telemetry/port.ts'

type Settings = {
  readonly registry: ModelRegistry
  readonly contract: FeatureContract
  /** Folder of the model that ships, or that a setting names. */
  readonly shippedFolder: string
  /** Where registered models are laid down for this machine. */
  readonly placesFolder: string
  readonly log: Log
  readonly now: () => number
}

export type OpenedModels = {
  readonly models: Models
  readonly champion: Champion
  /** Calibration of a model that another engine serves too; null when it is not the one that is here. */
  readonly calibrationOf: (modelVersion: string) => ModelCalibration | null
}

/** The registry and the embedded engine on its champion. What ships is registered at the first start that sees it. */
export async function openModels(settings: Settings): Promise<OpenedModels> {
  const { registry, contract, log, now } = settings
  const places = new Map<string, string>()
  const shipped = existsSync(join(settings.shippedFolder, 'model.json'))
    ? await readModelFolder(settings.shippedFolder).catch((error: unknown) => {
        log.error({ err: error }, 'the model that ships is not whole')
        return null
      })
    : null
  const shippedFacts = shipped?.facts ?? null
  if (shipped !== null) {
    places.set(shipped.facts.sha256, settings.shippedFolder)
    await registerShipped(settings, shipped)
  }

  async function place(model: RegisteredModel): Promise<string> {
    const known = places.get(model.sha256)
    if (known !== undefined) return known
    const folder = await placeModel(settings.placesFolder, model, await registry.read(model.version))
    places.set(model.sha256, folder)
    return folder
  }

  async function wanted(): Promise<WantedModel | null> {
    const model = await registry.byAlias('champion').catch((error: unknown) => {
      log.warn({ err: error, registry: registry.engine }, 'the model registry does not answer')
      return undefined
    })
    if (model === undefined || model === null) {
      // Without a registry what serves goes on, and at a start the model that ships begins.
      const serving = champion?.status().serving ?? null
      if (model === undefined && serving !== null) return serving
      return shippedFacts === null ? null : { ...shippedFacts, place: () => Promise.resolve(settings.shippedFolder) }
    }
    return { version: model.version, sha256: model.sha256, place: () => place(model) }
  }

  let champion: Champion | null = null
  const calibrations = new Map<string, ModelCalibration | null>()
  champion = await openChampion({
    wanted,
    open: async (folder) => {
      const inference = await openInProcess({ folder, contract })
      calibrations.clear()
      calibrations.set(inference.info()[0]!.modelVersion, await readCalibration(folder))
      return inference
    },
    log,
    now,
  })
  const serving = champion
  return {
    champion: serving,
    calibrationOf: (modelVersion) => calibrations.get(modelVersion) ?? null,
    models: {
      registry,
      inspect: async (folder) => {
        const [{ facts, files }, { parity }] = await Promise.all([
          readModelFolder(folder),
          readTreeModel({ folder, contract, replaysAll: true }),
        ])
        const worst = parity.worst
        return {
          facts,
          files,
          parity: {
            rows: parity.rows,
            regression: worst * parityLimits.relative,
            probability: worst * parityLimits.probability,
          },
        }
      },
      place: async (version) => {
        const model = await registry.find(version)
        if (model === null) throw new AppError('not_found', `no such model: ${version}`, { problem: 'model_unknown' })
        return place(model)
      },
      refresh: serving.refresh,
      serving: () => {
        const { serving: now, refused } = serving.status()
        return { version: now?.version ?? null, refused }
      },
    },
  }
}

async function readCalibration(folder: string): Promise<ModelCalibration | null> {
  const file = join(folder, 'calibration.json')
  return existsSync(file) ? modelCalibrationSchema.parse(JSON.parse(await readFile(file, 'utf8'))) : null
}

/** A newer model that ships takes the place of an older one that shipped, never of one that a person chose. */
async function registerShipped(
  { registry, log, now }: Settings,
  shipped: Awaited<ReturnType<typeof readModelFolder>>,
): Promise<void> {
  const at = new Date(now())
  try {
    const { sha256, version } = shipped.facts
    const known = await registry.find(version)
    // The same version with other bytes, as while a model is being made, is another one.
    const name = known === null || known.sha256 === sha256 ? version : `${version}+${sha256.slice(0, 8)}`
    const model = await registry.register({ ...shipped.facts, version: name }, shipped.files, { by: 'system', at })
    const [last] = await registry.history('champion')
    if (last === undefined || (last.by === 'system' && last.version !== model.version))
      await registry.point({
        alias: 'champion',
        version: model.version,
        by: 'system',
        reason: 'ships with the program',
        isForced: false,
        at,
      })
  } catch (error) {
    log.warn({ err: error, registry: registry.engine }, 'the model that ships could not be registered')
  }
}
