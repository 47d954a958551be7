import type { Context } from '#context.ts'
import { reapplyErasures } from '#flows/erase-person.ts'
import { ensureFirstAdmin } from '#platform/auth/demo-users.ts'
import { openLeader } from '#platform/db/leader.ts'
import type { Subscriber } from '#platform/events/port.ts'
import { openRelay } from '#platform/events/relay.ts'
import type { Composed } from './compose.ts'
import type { Config } from './config.ts'
import { openDemo } from './demo.ts'

const askAgainMs = 10_000

export type Lead = {
  readonly start: () => Promise<void>
  /** The first administrator, made by this process: shown once. */
  readonly admin: () => { readonly email: string; readonly password: string } | null
  /** Demo data are made in the background; their making stops first. */
  readonly stopDemo: () => void
  readonly close: () => Promise<void>
}

/**
 * What one process of all does: the first logins and demo data, erasures that a backup brought back, the relay of the log to
 * its subscribers, checkpoints. Begun by whoever leads; another process goes on where it ended.
 */
export function openLead(config: Config, { ctx, audit, database }: Composed, subscribers: readonly Subscriber[]): Lead {
  let admin: ReturnType<Lead['admin']> = null
  let stopDemo = () => {}

  async function lead(): Promise<() => Promise<void>> {
    const erasing = eraseAgain(ctx)
    await erasing.first
    if (!config.isDemo || config.SMARTRETURNS_ADMIN_EMAIL !== undefined)
      admin = await ensureFirstAdmin(ctx, {
        email: config.SMARTRETURNS_ADMIN_EMAIL,
        password: config.SMARTRETURNS_ADMIN_PASSWORD,
      })
    const demo = config.isDemo ? await openDemo(ctx, config.SMARTRETURNS_DEMO_RETURNS) : null
    stopDemo = () => demo?.stop()
    const relay = openRelay(ctx, subscribers)
    relay.start()
    const { checkpoints } = audit
    checkpoints.start()
    return async () => {
      await erasing.stop()
      demo?.stop()
      await demo?.ended
      await relay.stop()
      await checkpoints.stop()
      // What the last minute brought is signed too.
      await checkpoints
        .make()
        .catch((error: unknown) => ctx.log.warn({ error }, 'the last audit checkpoint is missing'))
    }
  }

  const { connectionString } = database
  const leader = openLeader({ connectionString, log: ctx.log, metrics: ctx.metrics, lead })
  return { start: leader.start, admin: () => admin, stopDemo: () => stopDemo(), close: leader.close }
}

/** A store of files that is away at this moment keeps nobody from starting: it is asked again until it answers. */
function eraseAgain(ctx: Context): { readonly first: Promise<void>; readonly stop: () => Promise<void> } {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const once = async (): Promise<void> => {
    try {
      const again = await reapplyErasures(ctx)
      if (again > 0)
        ctx.log.warn({ again }, 'persons were erased again that the database had not erased: was a backup put back?')
    } catch (error) {
      ctx.log.warn({ err: error }, 'whether a backup brought erased persons back is not known yet')
      if (!isOver) timer = setTimeout(() => void (turn = once()), askAgainMs).unref()
    }
  }
  let turn = once()
  return {
    first: turn,
    stop: async () => {
      isOver = true
      clearTimeout(timer)
      await turn
    },
  }
}
