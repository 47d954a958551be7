import { AppError } from '#kernel/errors.ts'
import type { Log, Metrics } from '#platform/telemetry/port.ts'
import type { Inference, PredictedBatch } from './port.ts'

/** Of all engines only the embedded model may have nothing to answer with. */
const absent = { engine: 'trees', level: 'L1' } as const

type Passed = PredictedBatch['fellBack'][number]

/**
 * Several engines as one, the best first: a batch is answered by the first that can, whole, and says which could not and why.
 * Throws only when none answers.
 */
export function openLevels(
  engines: readonly Inference[],
  { log, metrics }: { readonly log: Log; readonly metrics: Pick<Metrics, 'count'> },
): Inference {
  const lastWhy = new Map<string, string>()
  const passOver = (engine: Inference, error: unknown): Passed => {
    const { engine: name, level } = engine.info()[0] ?? absent
    const why = error instanceof AppError ? error.problem : 'defect'
    metrics.count('smartreturns_inference_passed_over_total', 'Batches that an engine did not answer', {
      engine: name,
      level,
      why,
    })
    // Once for each change: an open breaker would else write a line a batch.
    if (lastWhy.get(name) === why) return { level, engine: name, why }
    lastWhy.set(name, why)
    const fields = { engine: name, level, why, reason: error instanceof Error ? error.message : String(error) }
    if (error instanceof AppError) log.warn(fields, 'an inference engine did not answer; asking the next level')
    // A defect of one level is no reason to decide nothing.
    else log.error({ ...fields, err: error }, 'an inference engine failed; asking the next level')
    return { level, engine: name, why }
  }

  return {
    info: () => engines.flatMap((engine) => engine.info()),
    predict: async (request) => {
      const fellBack: Passed[] = []
      for (const engine of engines) {
        try {
          const answer = await engine.predict(request)
          if (lastWhy.delete(answer.engine)) log.info({ engine: answer.engine }, 'an inference engine answers again')
          metrics.count('smartreturns_inference_batches_total', 'Batches answered, by engine', {
            engine: answer.engine,
            level: answer.level,
          })
          return { ...answer, fellBack: [...fellBack, ...answer.fellBack] }
        } catch (error) {
          fellBack.push(passOver(engine, error))
        }
      }
      const tried = fellBack.map(({ engine, why }) => `${engine}: ${why}`).join(', ')
      throw new AppError('unavailable', `no inference engine answers (${tried})`, { problem: 'no_inference' })
    },
    attribute: (...asked) => {
      for (const engine of engines) {
        const found = engine.attribute?.(...asked) ?? null
        if (found !== null) return found
      }
      return null
    },
    typicalRows: () => engines.map((engine) => engine.typicalRows?.() ?? null).find((rows) => rows !== null) ?? null,
    close: async () => {
      for (const engine of engines) await engine.close()
    },
  }
}
