#!/usr/bin/env node
// The command line: `npx smartreturns doctor`, `npx smartreturns migrate --plan` ...
import { ensureInstalled } from './install.mjs'
import { Stop } from './paths.mjs'
import { runProgram } from './processes.mjs'

try {
  await ensureInstalled()
  process.exitCode = await runProgram('src/app/cli.ts', process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.error(error.message)
  process.exitCode = 1
}
