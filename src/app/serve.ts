import closeWithGrace from 'close-with-grace'
import type { Api } from '#gateway/route.ts'
import { AppError } from '#kernel/errors.ts'
import { demoUsers, ensureFirstAdmin } from '#platform/auth/demo-users.ts'
import { openWeb } from '../../web/server.ts'
import { compose } from './compose.ts'
import { readConfig, unknownSettings, type Config } from './config.ts'
import { openDemo } from './demo.ts'
import { openLoginWork } from './login-work.ts'
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
  const unknown = unknownSettings()
  if (unknown.length > 0) throw new AppError('invalid', unknown.join('; '), { problem: 'setting_unknown' })
  const closers: (() => Promise<void>)[] = []
  const closeAll = async () => {
    for (const close of closers.toReversed()) await close()
  }
  try {
    await start(config, closers, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function start(config: Config, closers: (() => Promise<void>)[], closeAll: () => Promise<void>): Promise<void> {
  let isDraining = false
  const composed = await compose(config, { share: false, say })
  const { ctx, database } = composed
  closers.push(composed.close)
  const web = config.SMARTRETURNS_WEB ? await openWeb({ dev: false }) : null
  if (web !== null) closers.push(web.close)
  const admin =
    config.isDemo && config.SMARTRETURNS_ADMIN_EMAIL === undefined
      ? null
      : await ensureFirstAdmin(ctx, {
          email: config.SMARTRETURNS_ADMIN_EMAIL,
          password: config.SMARTRETURNS_ADMIN_PASSWORD,
        })
  const work = await openWork(ctx)
  closers.push(work.close)
  await openLoginWork(ctx, composed.login.signingKeys)
  const { checkpoints } = composed.audit
  checkpoints.start()
  // What the last minute brought is signed too, before the database closes.
  closers.push(async () => {
    await checkpoints.stop()
    await checkpoints.make().catch((error: unknown) => ctx.log.warn({ error }, 'the last audit checkpoint is missing'))
  })
  const demo = config.isDemo ? await openDemo(ctx, config.SMARTRETURNS_DEMO_RETURNS) : null
  closers.push(async () => {
    demo?.stop()
    await demo?.ended
  })
  const server = await openServer(config, composed, {
    web: web === null ? null : web.handle,
    isDraining: () => isDraining,
  })
  closers.push(() => server.close())
  const address = await listen(server, config)

  closeWithGrace({ delay: 25_000 }, async ({ err }) => {
    if (err) ctx.log.error({ err }, 'stopping after a failure')
    isDraining = true
    demo?.stop()
    await new Promise((resolve) => setTimeout(resolve, drainMs))
    await closeAll()
    say('SmartReturns has stopped.')
  })

  const lines = engineLines(config, { engine: ctx.db.engine, place: database.place }, ctx.inference.info(), ctx.text)
  say(`\nSmartReturns ${config.version}`)
  for (const { port, engine, why } of lines) say(`  ${port.padEnd(10)} ${engine}  [${why}]`)
  say(`  data       ${config.dataFolder}`)
  if (config.isDemo)
    for (const { label, email, password } of demoUsers) say(`  login      ${label.padEnd(14)} ${email}  /  ${password}`)
  if (admin !== null) say(`  login      first administrator: ${admin.email}  /  ${admin.password}  (shown this once)`)
  say(`  API        ${address}/api/docs/`)
  say(`\n  ${address.replace('127.0.0.1', 'localhost')}\n`)
}

const listenFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'this account may not use it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no host of this name',
}

async function listen(server: Api, { PORT, HOST }: Config): Promise<string> {
  try {
    return await server.listen({ port: PORT, host: HOST })
  } catch (error) {
    const why = listenFaults[(error as { code?: string }).code ?? '']
    if (why === undefined) throw error
    throw new AppError('conflict', `it cannot listen on ${HOST}, port ${PORT}: ${why}; PORT and HOST choose others`, {
      cause: error,
      problem: 'cannot_listen',
    })
  }
}

try {
  await serve()
} catch (error) {
  // Never left to the process: the web server keeps one alive whose errors nobody caught.
  const says = error instanceof AppError ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`SmartReturns does not start: ${says}\n`)
  process.exit(1)
}
