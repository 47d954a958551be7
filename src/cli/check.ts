import type { Command } from 'commander'
import { checkInvariants, invariantIds } from '#platform/events/invariants.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { exitCodes, print, progress, withProgram, type Program } from './open.ts'

/** `check`, `verify-audit`: with `replay --verify` the three ways to prove that the data are sound. */
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

  cli
    .command('verify-audit')
    .description('recompute the hash chain of the log; names the first bad record')
    .option('--json', 'the result as JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await withProgram(program, ({ ctx }) =>
        verifyAudit(ctx.db, (n) => progress(`${n} records checked`)),
      )
      if (options.json) print(JSON.stringify(report))
      else if (report.isIntact) print(`${report.checked} records, chain intact, head ${report.head.hash}`)
      else print(`record ${report.firstBad?.seq}: ${report.firstBad?.problem}`)
      if (!report.isIntact) process.exitCode = exitCodes.failed
    })
}
