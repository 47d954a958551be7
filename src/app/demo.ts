import type { Context } from '#context.ts'
import { ensureDemoWorld, loadDemo, resetRequestId } from '#flows/demo/load-demo.ts'
import { ensureDemoUsers } from '#platform/auth/demo-users.ts'
import { hasRecord } from '#platform/events/audit.ts'
import { countReturns, readClientByCode } from '#services/returns/index.ts'

const seed = 7
const sayEvery = 2000

export type Demo = { readonly stop: () => void; readonly ended: Promise<void> }

/**
 * Makes a demo installation useful: hubs, products and logins at once, the returns in the background, the newest
 * first. One that was interrupted goes on where it stopped, for every demo return has its own reference; one that was
 * removed stays away.
 */
export async function openDemo(ctx: Context, wanted: number): Promise<Demo> {
  if (await wasRemoved(ctx)) {
    await ensureDemoUsers(ctx, [])
    ctx.log.info({}, 'the demo data were removed; `smartreturns demo load` makes them again')
    return { stop: () => {}, ended: Promise.resolve() }
  }
  const { clientId, hubIds } = await ensureDemoWorld(ctx)
  await ensureDemoUsers(ctx, hubIds)
  const signal = { isStopped: false }
  const stop = () => {
    signal.isStopped = true
  }
  // A hundredth may be missing for good: cancelled plans that a later run shifts in time.
  if ((await countReturns(ctx.db, clientId)) >= wanted * 0.99) return { stop, ended: Promise.resolve() }
  let said = 0
  const progress = (done: number, total: number) => {
    if (done === said || (done - said < sayEvery && done !== total)) return
    said = done
    ctx.log.info({ done, total }, 'demo data')
  }
  const ended = loadDemo(ctx, { returns: wanted, seed, endMs: ctx.now() }, progress, signal).then(
    () => undefined,
    (error: unknown) => ctx.log.error({ err: error }, 'demo data stopped'),
  )
  return { stop, ended }
}

/** Whether the demo data were taken away and not made again since. */
async function wasRemoved({ db }: Context): Promise<boolean> {
  if ((await readClientByCode(db, 'demo')) !== null) return false
  return hasRecord(db, { type: 'ClientRemoved', requestId: resetRequestId })
}
