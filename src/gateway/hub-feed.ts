import type { Context } from '#context.ts'
import { inScopeOfAll } from '#platform/db/scope.ts'
import { readBoard, type BoardView } from '#services/hubs/index.ts'

/** How often the end of the log is looked at while somebody listens: one look-up of one row. */
const lookMs = 1000
/** The clock alone makes units overdue. */
const renewMs = 60_000
/** Views that are kept for who comes back after a gap. */
const viewsKept = 120

export type HubFeed = {
  /** The last view, with the id by which a listener comes back to it. */
  readonly current: () => Promise<{ readonly id: string; readonly view: BoardView }>
  /** The view of that id, where it is kept still. */
  readonly at: (id: string) => BoardView | null
  /** Tells of each new view until the answer is called. */
  readonly listen: (tell: (id: string, view: BoardView) => void) => () => void
  readonly close: () => void
}

/**
 * The hubs as they change, read once for all listeners of this process: anew when the log has grown, and nothing at
 * all while nobody listens.
 */
export function openHubFeed(ctx: Pick<Context, 'db' | 'events' | 'now' | 'log'>): HubFeed {
  const listeners = new Set<(id: string, view: BoardView) => void>()
  const views = new Map<string, BoardView>()
  let last: { readonly id: string; readonly view: BoardView; readonly seq: number } | null = null
  let timer: NodeJS.Timeout | null = null
  let reading: Promise<void> | null = null

  async function renew(): Promise<void> {
    // The head first: what is appended while the hubs are read is found by the next look.
    const seq = await ctx.events.head()
    const isFresh = last !== null && last.seq === seq && ctx.now() - Date.parse(last.view.asOf) < renewMs
    if (isFresh) return
    const view = await readBoard(ctx)
    const id = `${seq}-${Date.parse(view.asOf)}`
    last = { id, view, seq }
    views.set(id, view)
    if (views.size > viewsKept) views.delete(views.keys().next().value!)
    for (const tell of listeners) tell(id, view)
  }

  /** One reading at a time; who asks meanwhile waits for it. In nobody's bounds: what each may see is cut from it. */
  function look(): Promise<void> {
    reading ??= inScopeOfAll(renew).finally(() => {
      reading = null
    })
    return reading
  }

  function tick(): void {
    look().catch((error: unknown) => ctx.log.warn({ err: error }, 'the live view of the hubs could not be read'))
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
  }

  return {
    current: async () => {
      await look()
      return last!
    },
    at: (id) => views.get(id) ?? null,
    listen: (tell) => {
      listeners.add(tell)
      timer ??= inScopeOfAll(() => setInterval(tick, lookMs))
      return () => {
        listeners.delete(tell)
        if (listeners.size === 0) stop()
      }
    },
    close: () => {
      listeners.clear()
      stop()
    },
  }
}
