import type { TestContext } from 'node:test'
import { openCommands } from '#flows/open-commands.ts'
import { readConfig } from '../../src/app/config.ts'
import { openServer } from '../../src/app/open-server.ts'
import { openTestIdentity } from './identity.ts'

/** The HTTP server with all its routes on a fresh database; asked by `inject`, without a port. */
export async function openTestGateway(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const all = await openTestIdentity(t)
  const ctx = { ...all.ctx, secrets: all.secrets }
  const app = await openServer(
    readConfig({ NODE_ENV: 'test', SMARTRETURNS_DEMO: '0', ...env }),
    {
      ctx,
      commands: openCommands(ctx),
      identity: all.identity,
      tokens: all.tokens,
      database: { db: ctx.db, connectionString: ctx.db.connectionString, place: 'test', applied: [] },
      close: () => Promise.resolve(),
    },
    { web: null, isDraining: () => false },
  )
  t.after(() => app.close())
  return { ...all, app }
}

export type TestGateway = Awaited<ReturnType<typeof openTestGateway>>
