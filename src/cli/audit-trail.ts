import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { exportStream } from '#platform/events/audit-export.ts'
import { publicKeyText } from '#platform/events/checkpoint-copies.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { AppError } from '#kernel/errors.ts'
import { exitCodes, print, progress, withProgram, type Program } from './open.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** `verify-audit`, `audit export`, `audit sign`. */
export function auditTrailCommands(cli: Command, program: Program): void {
  cli
    .command('verify-audit')
    .description('check the whole log: its hash chain, signed checkpoints, copies outside; names the first bad record')
    .option('--json', 'the result as JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await withProgram(program, ({ ctx, audit: { checkpoints, copies } }) =>
        verifyAudit(ctx.db, {
          witness: { key: checkpoints.key, copies },
          progress: (n) => progress(`${n} records checked`),
        }),
      )
      if (options.json) print(JSON.stringify(report))
      else if (report.isIntact) {
        print(`${report.checked} records, chain intact, head ${report.head.hash}`)
        print(`${report.signed} under a signed checkpoint, ${report.copied} of them checked against the copies outside`)
      } else print(`record ${report.firstBad?.seq}: ${report.firstBad?.problem}`)
      if (!report.isIntact) process.exitCode = exitCodes.failed
    })

  const audit = cli.command('audit').description('the log as evidence')
  audit
    .command('export <return>')
    .description('all records of one return, signed: check the file with scripts/verify-audit-export.mjs')
    .option('--out <file>', 'where to; standard output when absent')
    .action(async (id: string, { out }: { readonly out?: string }) => {
      if (!uuid.test(id)) throw new AppError('invalid', `not the id of a return: ${id}`)
      const body = await withProgram(program, ({ ctx, audit: { checkpoints } }) =>
        exportStream(ctx, checkpoints, `return-${id}`),
      )
      const text = JSON.stringify(body, null, 1)
      if (out === undefined) print(text)
      else await writeFile(out, `${text}\n`)
    })

  audit
    .command('sign')
    .description('sign the log as it is now, without waiting for the minute')
    .action(async () => {
      const { last, key } = await withProgram(program, async ({ audit: { checkpoints } }) => ({
        last: await checkpoints.make(),
        key: publicKeyText(checkpoints.key),
      }))
      print(last === null ? 'the log is empty' : last.note.trimEnd())
      print(`key ${key}`)
    })
}
