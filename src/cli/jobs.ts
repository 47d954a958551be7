import type { Command } from 'commander'
import { byOf } from '#contracts/events.ts'
import { readDeadLetters, replayDeadLetter } from '#platform/jobs/dead-letters.ts'
import { askerHere } from './asker.ts'
import { print, withProgram, type Program } from './open.ts'

type Output = { readonly json?: boolean }

/** `jobs`: work that failed on every try, and sending it again. */
export function jobCommands(cli: Command, program: Program): void {
  const jobs = cli.command('jobs').description('work that outlives its request: what failed on every try')
  jobs
    .command('dead')
    .description('list the dead letters: jobs that failed on every try, the newest first')
    .option('--json', 'the result as JSON')
    .action(async ({ json }: Output) => {
      const letters = await withProgram(program, ({ ctx }) => readDeadLetters(ctx))
      if (json) return print(JSON.stringify(letters))
      if (letters.length === 0) print('there are no dead letters')
      for (const { id, kind, reason, attempts, at } of letters)
        print(`${id}  ${at}  ${kind}, ${attempts} tries: ${reason}`)
    })
  jobs
    .command('replay')
    .description('send a dead letter again as a new job with all its tries')
    .argument('<id>', 'as `jobs dead` shows it')
    .option('--json', 'the result as JSON')
    .action(async (id: string, { json }: Output) => {
      const { actor, requestId } = askerHere()
      const meta = { by: byOf(actor), requestId }
      const sent = await withProgram(program, ({ ctx }) =>
        ctx.db.transaction((tx) => replayDeadLetter(ctx, tx, id, meta)),
      )
      print(json ? JSON.stringify(sent) : `sent again: ${sent.kind}`)
    })
}
