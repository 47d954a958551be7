// What stands behind `npm start`, `npm test` and the other scripts: does its own set-up, needs only Node 20 and npm.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { root, Stop } from './paths.mjs'
import { runProgram } from './processes.mjs'

const commands = {
  start: async (args) => {
    await ensureInstalled()
    const { ensureWebBuilt } = await import('./web.mjs')
    await ensureWebBuilt()
    return runProgram('src/app/serve.ts', args, { isServer: true, env: { NEXT_TELEMETRY_DISABLED: '1' } })
  },
  test: async (args) => {
    await ensureInstalled()
    const { runTests } = await import('./test.mjs')
    return runTests(args)
  },
  check: async () => {
    await ensureInstalled()
    const { runChecks } = await import('./check.mjs')
    return runChecks()
  },
  engines: async (args) => {
    const { runEngines } = await import('./engines.mjs')
    return runEngines(args)
  },
  licences: async () => {
    const { checkLicences } = await import('./supply.mjs')
    return checkLicences()
  },
  sbom: async (args) => {
    const { writeSbom } = await import('./supply.mjs')
    return writeSbom(args)
  },
  bench: (args) => program('bench/run.ts', args),
  screens: async (args) => {
    await ensureInstalled()
    const { ensureWebBuilt } = await import('./web.mjs')
    await ensureWebBuilt()
    return runProgram('test/screens/take.ts', args)
  },
  faults: (args) => program('test/faults/run.ts', args),
}

async function program(file, args) {
  await ensureInstalled()
  if (!existsSync(join(root, file))) throw new Stop(`there is no ${file}`)
  return runProgram(file, args)
}

const [name = '', ...args] = process.argv.slice(2)
try {
  const command = commands[name]
  if (!command) throw new Stop(`usage: node scripts/run.mjs ${Object.keys(commands).join(' | ')}`)
  process.exitCode = await command(args)
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.error(error.message)
  process.exitCode = 1
}
