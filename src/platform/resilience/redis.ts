import { Redis } from 'ioredis'
import type { Log } from '../telemetry/port.ts'

const restMs = 1000
const connectMs = 2000

export type PatientRedis = {
  readonly redis: Redis
  /** What Redis answers, or `otherwise` when it can't be asked or takes longer than the wait. */
  readonly ask: <T>(command: () => Promise<T>, otherwise: T) => Promise<T>
  readonly close: () => Promise<void>
}

/** A Redis that may be away: a call waits `waitMs` at most, and after a failure nothing is asked for a second. */
export async function openPatientRedis(settings: {
  readonly url: string
  readonly waitMs: number
  /** Said once when it goes away. */
  readonly warning: string
  readonly log: Pick<Log, 'warn'>
}): Promise<PatientRedis> {
  const redis = new Redis(settings.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: settings.waitMs,
    connectTimeout: connectMs,
    retryStrategy: (tries) => Math.min(100 * tries, 2000),
  })
  let restsUntilMs = 0
  let isToldGone = false
  const fail = (error: unknown) => {
    restsUntilMs = performance.now() + restMs
    if (!isToldGone) settings.log.warn({ err: error }, settings.warning)
    isToldGone = true
  }
  redis.on('error', fail)
  await redis.connect().catch(fail)
  return {
    redis,
    ask: async (command, otherwise) => {
      if (performance.now() < restsUntilMs) return otherwise
      try {
        const answer = await command()
        isToldGone = false
        return answer
      } catch (error) {
        fail(error)
        return otherwise
      }
    },
    close: () => {
      redis.disconnect()
      return Promise.resolve()
    },
  }
}
