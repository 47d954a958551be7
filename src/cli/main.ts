import { Command, CommanderError } from 'commander'
import { AppError } from '#kernel/errors.ts'
import { auditTrailCommands } from './audit-trail.ts'
import { backupCommands } from './backup.ts'
import { checkCommands } from './check.ts'
import { demoCommands } from './demo.ts'
import { exportRowsCommand } from './export-rows.ts'
import { importCommand } from './import.ts'
import { jobCommands } from './jobs.ts'
import { keyCommands } from './keys.ts'
import { modelCommands } from './models.ts'
import { evaluateCommand } from './evaluate.ts'
import { exitCodes, type Program } from './open.ts'
import { privacyCommands } from './privacy.ts'
import { replayCommand } from './replay.ts'
import { setupCommands } from './setup.ts'
import { simulateCommand } from './simulate.ts'
import { trainCommand } from './train.ts'
import { usedPriceCommand } from './used-price.ts'
import { mailCommand, signingKeyCommands, userCommands } from './users.ts'

/** Runs the command line; answers the exit code. Results go to stdout, everything else to stderr. */
export async function runCommandLine(program: Program, argv: readonly string[]): Promise<number> {
  const cli = new Command('smartreturns')
    .description('returns disposition: take units in, decide what each is worth where, account for money and carbon')
    .version(program.version)
    .exitOverride()
    .showHelpAfterError('(--help tells how)')
  setupCommands(cli, program)
  userCommands(cli, program)
  mailCommand(cli, program)
  signingKeyCommands(cli, program)
  keyCommands(cli, program)
  jobCommands(cli, program)
  privacyCommands(cli, program)
  importCommand(cli, program.open)
  demoCommands(cli, program)
  checkCommands(cli, program)
  backupCommands(cli, program)
  auditTrailCommands(cli, program)
  modelCommands(cli, program)
  replayCommand(cli, program)
  exportRowsCommand(cli, program)
  simulateCommand(cli, program)
  evaluateCommand(cli, program)
  trainCommand(cli)
  usedPriceCommand(cli)
  try {
    await cli.parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? exitCodes.ok)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (!(error instanceof AppError)) throw error
    process.stderr.write(`${error.message}\n`)
    for (const { pointer, detail } of error.errors) process.stderr.write(`  ${pointer}: ${detail}\n`)
    return exitCodes.failed
  }
}
