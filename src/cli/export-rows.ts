import type { Command } from 'commander'
import { exportRows } from '#flows/export-rows.ts'
import { AppError } from '#kernel/errors.ts'
import { readImportClient } from '#services/returns/index.ts'
import { instantOf } from './instant.ts'
import { print, progress, withProgram, type Program } from './open.ts'

type Flags = {
  readonly out: string
  readonly since?: string
  readonly until?: string
  readonly client?: string
  readonly json?: boolean
}

/** `smartreturns export-rows`: training rows from the log, by the function that serves. */
export function exportRowsCommand(cli: Command, program: Program): void {
  cli
    .command('export-rows')
    .summary('training rows from the log')
    .description(
      'Writes what was known of every checked unit when it was decided, and what came of it, as rows to train on: the very features that were served, outcomes where they were seen, and the capped inverse chance of the route that was taken.',
    )
    .requiredOption('--out <folder>', 'where to write log.json, log.x0.f32, log.x1.f32 and log.y.f32')
    .option('--since <date>', 'only units recommended for since then')
    .option('--until <date>', 'only units recommended for before then')
    .option('--client <code>', 'only the goods of this client: its code or id')
    .option('--json', 'the result as JSON')
    .action(async (flags: Flags) => {
      const since = flags.since === undefined ? null : instantOf('--since', flags.since)
      const until = flags.until === undefined ? null : instantOf('--until', flags.until)
      const report = await withProgram(program, async ({ ctx }) => {
        const client = flags.client === undefined ? null : await readImportClient(ctx.db, flags.client)
        if (flags.client !== undefined && client === null)
          throw new AppError('not_found', `there is no client ${flags.client}: give the code or the id of a client`)
        const scope = { since, until, clientIds: client === null ? null : [client.id] }
        return exportRows(ctx, flags.out, scope, (units) => progress(`${units} units read`))
      })
      if (flags.json) return print(JSON.stringify(report))
      const { count, leftOut, seconds } = report
      print(`${count} rows of ${report.features.length} features in ${flags.out} in ${seconds.toFixed(1)} s`)
      print(`data ${report.dataHash.slice(0, 16)}, contract ${report.contractHash.slice(0, 16)}`)
      if (leftOut.incomplete > 0) print(`${leftOut.incomplete} units left out: their advice keeps no facts`)
      if (leftOut.otherContract > 0) print(`${leftOut.otherContract} units left out: made for another feature contract`)
      if (leftOut.changed > 0)
        print(`${leftOut.changed} units left out: their features come out otherwise than when they were served`)
    })
}
