import closeWithGrace from 'close-with-grace'
import { parseArgs } from 'node:util'
import type { Api } from '#gateway/route.ts'
import { AppError } from '#kernel/errors.ts'
import { demoUsers } from '#platform/auth/demo-users.ts'
import { openWeb } from '../../web/server.ts'
import { compose, type Composed } from './compose.ts'
import { readConfig, unknownSettings, type Config } from './config.ts'
import { openLead, type Lead } from './lead.ts'
import { openLoginWork } from './login-work.ts'
import { engineLines } from './engines.ts'
import { openServer } from './open-server.ts'
import { roleNames } from './roles.ts'
import { openWork } from './work.ts'

/** For requests under way when nothing new is taken any more. */
const finishMs = 25_000

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function serve(): Promise<void> {
  const { values } = parseArgs({ options: { roles: { type: 'string' } } })
  const config = readConfig(undefined, values.roles === undefined ? {} : { SMARTRETURNS_ROLES: values.roles })
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
  const roles = config.SMARTRETURNS_ROLES
  const web = config.SMARTRETURNS_WEB && roles.has('web') ? await openWeb({ dev: false }) : null
  if (web !== null) closers.push(web.close)
  const lead = roles.has('worker') ? await openWorker(config, composed, closers) : null
  const server = await openServer(config, composed, {
    web: web === null ? null : web.handle,
    isDraining: () => isDraining,
    hasApi: roles.has('api'),
  })
  closers.push(() => server.close())
  const address = await listen(server, config)

  closeWithGrace({ delay: config.drainMs + finishMs }, async ({ err }) => {
    if (err) ctx.log.error({ err }, 'stopping after a failure')
    isDraining = true
    lead?.stopDemo()
    await new Promise((resolve) => setTimeout(resolve, config.drainMs))
    await closeAll()
    say('SmartReturns has stopped.')
  })

  const lines = engineLines(config, { engine: ctx.db.engine, place: database.place }, ctx.inference.info(), ctx.text)
  say(`\nSmartReturns ${config.version}`)
  for (const { port, engine, why } of lines) say(`  ${port.padEnd(10)} ${engine}  [${why}]`)
  say(`  data       ${config.dataFolder}`)
  if (roles.size < roleNames.length) say(`  roles      ${[...roles].join(', ')}`)
  if (config.isDemo)
    for (const { label, email, password } of demoUsers) say(`  login      ${label.padEnd(14)} ${email}  /  ${password}`)
  const admin = lead?.admin() ?? null
  if (admin !== null) say(`  login      first administrator: ${admin.email}  /  ${admin.password}  (shown this once)`)
  if (roles.has('api')) say(`  API        ${address}/api/docs/`)
  say(`\n  ${address.replace('127.0.0.1', 'localhost')}\n`)
}

/** Jobs in every process that works; what only one may do, where it leads. */
async function openWorker(config: Config, composed: Composed, closers: (() => Promise<void>)[]): Promise<Lead> {
  const work = await openWork(composed.ctx)
  closers.push(work.close)
  await openLoginWork(composed.ctx, composed.login.signingKeys)
  const lead = openLead(config, composed, work.subscribers)
  closers.push(lead.close)
  await lead.start()
  return lead
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
