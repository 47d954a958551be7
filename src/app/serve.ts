import closeWithGrace from 'close-with-grace'
import { AppError } from '#kernel/errors.ts'
import { demoUsers, ensureFirstAdmin } from '#platform/auth/demo-users.ts'
import { openWeb } from '../../web/server.ts'
import { compose } from './compose.ts'
import { readConfig, unknownSettings } from './config.ts'
import { openDemo } from './demo.ts'
import { engineLines } from './engines.ts'
import { openServer } from './open-server.ts'
import { openWork } from './work.ts'

/** How long the process still answers after it was told to stop, so that who routes to it can look elsewhere. */
const drainMs = 200

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function serve(): Promise<void> {
  const config = readConfig()
  for (const warning of unknownSettings()) process.stderr.write(`warning: ${warning}\n`)
  let isDraining = false
  const composed = await compose(config, { share: false, say })
  const { ctx, database } = composed
  const web = config.SMARTRETURNS_WEB ? await openWeb({ dev: false }) : null
  const server = await openServer(config, composed, {
    web: web === null ? null : web.handle,
    isDraining: () => isDraining,
  })
  const admin =
    config.isDemo && config.SMARTRETURNS_ADMIN_EMAIL === undefined
      ? null
      : await ensureFirstAdmin(ctx, {
          email: config.SMARTRETURNS_ADMIN_EMAIL,
          password: config.SMARTRETURNS_ADMIN_PASSWORD,
        })
  const work = await openWork(ctx)
  const demo = config.isDemo ? await openDemo(ctx, config.SMARTRETURNS_DEMO_RETURNS) : null
  const address = await server.listen({ port: config.PORT, host: config.HOST })

  closeWithGrace({ delay: 25_000 }, async ({ err }) => {
    if (err) ctx.log.error({ err }, 'stopping after a failure')
    isDraining = true
    demo?.stop()
    await new Promise((resolve) => setTimeout(resolve, drainMs))
    await server.close()
    await demo?.ended
    await work.close()
    await web?.close()
    await composed.close()
    say('SmartReturns has stopped.')
  })

  const lines = engineLines(config, { engine: ctx.db.engine, place: database.place })
  say(`\nSmartReturns ${config.version}`)
  for (const { port, engine, why } of lines) say(`  ${port.padEnd(10)} ${engine}  [${why}]`)
  say(`  data       ${config.dataFolder}`)
  if (config.isDemo)
    for (const { label, email, password } of demoUsers) say(`  login      ${label.padEnd(14)} ${email}  /  ${password}`)
  if (admin !== null) say(`  login      first administrator: ${admin.email}  /  ${admin.password}  (shown this once)`)
  say(`  API        ${address}/api/docs/`)
  say(`\n  ${address.replace('127.0.0.1', 'localhost')}\n`)
}

try {
  await serve()
} catch (error) {
  if (!(error instanceof AppError)) throw error
  process.stderr.write(`SmartReturns does not start: ${error.message}\n`)
  process.exit(1)
}
