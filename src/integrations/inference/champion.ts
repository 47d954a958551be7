import { AppError } from '#kernel/errors.ts'
import type { Log } from '#platform/telemetry/port.ts'
import type { Inference } from './port.ts'

/** A model that should serve, and the hash that tells whether it serves already. */
export type WantedModel = {
  readonly version: string
  readonly sha256: string
  /** Lays its files down on this machine. */
  readonly place: () => Promise<string>
}

export type ChampionStatus = {
  readonly serving: WantedModel | null
  /** A model that was to serve and was refused, and why; null when what serves is what should. */
  readonly refused: { readonly version: string; readonly why: string; readonly atMs: number } | null
}

export type Champion = Inference & {
  /** Looks which model should serve and takes it in, when it is another one and sound. Never throws. */
  readonly refresh: () => Promise<void>
  readonly status: () => ChampionStatus
}

type Serving = {
  readonly model: WantedModel
  readonly inference: Inference
  readonly underWay: Set<Promise<unknown>>
}

/**
 * The embedded model that may change while the program runs. What is under way ends on the model that it began with; a model
 * that is refused changes nothing.
 */
export async function openChampion(settings: {
  readonly wanted: () => Promise<WantedModel | null>
  /** Reads, checks and replays a model folder; throws when it must not serve. */
  readonly open: (folder: string) => Promise<Inference>
  readonly log: Log
  readonly now: () => number
}): Promise<Champion> {
  const { log } = settings
  let current: Serving | null = null
  let refused: ChampionStatus['refused'] = null
  let refusedHash: string | null = null
  let running: Promise<void> | null = null

  async function change(): Promise<void> {
    let version = 'unknown'
    let hash: string | null = null
    try {
      const wanted = await settings.wanted()
      if (wanted === null || wanted.sha256 === current?.model.sha256) {
        refused = null
        refusedHash = null
        return
      }
      // A folder that was refused does not get better by being read again.
      if (wanted.sha256 === refusedHash) return
      version = wanted.version
      const folder = await wanted.place()
      hash = wanted.sha256
      const inference = await settings.open(folder)
      const before = current
      current = { model: wanted, inference, underWay: new Set() }
      refused = null
      refusedHash = null
      // The first one is told by the line of its engine.
      if (before === null) return
      log.info({ version, before: before.model.version }, 'another model serves')
      await Promise.allSettled(before.underWay)
      await before.inference.close()
    } catch (error) {
      if (error instanceof AppError && error.problem === 'model_refused') refusedHash = hash
      const why = error instanceof Error ? error.message : String(error)
      if (refused?.why !== why) log.error({ version, why, serving: current?.model.version ?? null }, 'model refused')
      refused = { version, why, atMs: settings.now() }
    }
  }

  const champion: Champion = {
    info: () => current?.inference.info() ?? [],
    predict: async (request) => {
      if (current !== null) {
        const { inference, underWay } = current
        const work = inference.predict(request)
        underWay.add(work)
        try {
          return await work
        } finally {
          underWay.delete(work)
        }
      }
      const problem = refused === null ? 'no_model' : 'model_refused'
      throw new AppError('unavailable', refused?.why ?? 'there is no trained model', { problem })
    },
    attribute: (...asked) => current?.inference.attribute?.(...asked) ?? null,
    typicalRows: () => current?.inference.typicalRows?.() ?? null,
    refresh: async () => {
      // One after the other, so that two changes can't overtake each other.
      running = (running ?? Promise.resolve()).then(change)
      await running
    },
    status: () => ({ serving: current?.model ?? null, refused }),
    close: async () => {
      await running
      await current?.inference.close()
      current = null
    },
  }
  await champion.refresh()
  return champion
}
