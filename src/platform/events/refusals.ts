import { uuidv7 } from '#kernel/ids.ts'
import type { Database } from '../db/port.ts'
import type { Log, Metrics } from '../telemetry/port.ts'
import type { EventLog, NewEvent } from './port.ts'

/** One request that was refused for who asked, or for what it asked about. */
export type Refusal = {
  readonly code: 'unauthenticated' | 'forbidden' | 'not_found'
  readonly problem: string
  readonly method: string
  readonly route: string
  readonly by: { readonly kind: string; readonly id: string } | null
  readonly from: string
  readonly requestId: string
}

export type Refusals = { readonly add: (refusal: Refusal) => void; readonly close: () => Promise<void> }

type RefusalContext = {
  readonly db: Database
  readonly events: EventLog
  readonly log: Log
  readonly metrics: Metrics
  readonly now: () => number
}

const defaults = { flushMs: 5_000, kindsMax: 50 } as const

/**
 * Refusals become records of a stream `access-<id of this process>`. Like ones are one record with their number, and no more
 * than `kindsMax` are told apart in `flushMs`; the others are counted together: nobody can flood the log by being refused.
 */
export function openRefusals(
  ctx: RefusalContext,
  settings: { readonly flushMs?: number; readonly kindsMax?: number } = {},
): Refusals {
  const { flushMs, kindsMax } = { ...defaults, ...settings }
  const stream = `access-${uuidv7(ctx.now())}`
  let version = 0
  let counted = new Map<string, { readonly refusal: Refusal; count: number }>()
  let others = 0
  let writing: Promise<void> = Promise.resolve()

  function add(refusal: Refusal): void {
    const { code, problem, method, route, by, from } = refusal
    ctx.metrics.count('smartreturns_refusals_total', 'Requests refused for who asked or what about', { code })
    const name = [problem, method, route, by?.id ?? '', from].join('|')
    const known = counted.get(name)
    if (known !== undefined) known.count += 1
    else if (counted.size < kindsMax) counted.set(name, { refusal, count: 1 })
    else others += 1
  }

  async function flush(): Promise<void> {
    if (counted.size === 0) return
    const [kinds, rest] = [[...counted.values()], others]
    counted = new Map()
    others = 0
    const events: NewEvent[] = kinds.map(({ refusal, count }, i) => {
      const { by, from, requestId, ...what } = refusal
      const data = { by: by ?? { kind: 'nobody', id: '' }, requestId, ...what, from, count }
      return { stream, version: version + i + 1, type: 'AccessRefused', data }
    })
    if (rest > 0) {
      const data = { by: { kind: 'system', id: 'gateway' }, requestId: kinds[0]!.refusal.requestId, count: rest }
      events.push({ stream, version: version + events.length + 1, type: 'AccessRefusedOften', data })
    }
    try {
      await ctx.db.transaction((tx) => ctx.events.append(tx, events, new Date(ctx.now())))
      version += events.length
    } catch (error) {
      ctx.log.error({ error, refusals: kinds.length + rest }, 'refusals could not be recorded')
    }
  }

  const next = () => (writing = writing.then(flush))
  const timer = setInterval(() => void next(), flushMs).unref()
  return {
    add,
    close: async () => {
      clearInterval(timer)
      await next()
    },
  }
}
