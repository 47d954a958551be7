import type { Command } from 'commander'
import { checkInvariants, invariantIds } from '#platform/events/invariants.ts'
import { exitCodes, print, withProgram, type Program } from './open.ts'

/** `check`: with `verify-audit` and `replay --verify` the three ways to prove that the data are sound. */
export function checkCommands(cli: Command, program: Program): void {
  cli
    .command('check')
    .description('all invariants on the data as they are; exit 1 when one is broken')
    .option('--json', 'the result as JSON')
    .action(async (options: { json?: boolean }) => {
      const violations = await withProgram(program, ({ ctx }) => checkInvariants(ctx.db))
      if (options.json) print(JSON.stringify({ checked: invariantIds, violations }))
      else if (violations.length === 0) print(`${invariantIds.length} invariants hold`)
      else
        for (const v of violations)
          print(`${v.id} broken: ${v.says}; ${v.rows} rows, for example ${v.examples.join(', ')}`)
      if (violations.length > 0) process.exitCode = exitCodes.failed
    })
}
