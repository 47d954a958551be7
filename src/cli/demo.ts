import type { Command } from 'commander'
import { loadDemo, resetDemo } from '#flows/demo/load-demo.ts'
import { print, progress, withProgram, type Program } from './open.ts'

/** `demo load`, `demo reset`. */
export function demoCommands(cli: Command, program: Program): void {
  const demo = cli.command('demo').description('demo data, in a client of their own')
  demo
    .command('load')
    .description('make demo data by the real commands: 12 hubs, 90 days of returns')
    .option('--returns <n>', 'how many returns', '20000')
    .option('--seed <n>', 'seed of all chance', '7')
    .option('--json', 'the result as JSON')
    .action(async (options: { returns: string; seed: string; json?: boolean }) => {
      const report = await withProgram(program, ({ ctx }) =>
        loadDemo(
          ctx,
          { returns: Number(options.returns), seed: Number(options.seed), endMs: ctx.now() },
          (done, total) => progress(`demo data: ${done} of ${total} returns`),
        ),
      )
      print(options.json ? JSON.stringify(report) : `demo data: ${report.returns} returns at ${report.hubs} hubs`)
    })
  demo
    .command('reset')
    .description('remove the demo data: their read models go, the log keeps what happened')
    .option('--json', 'the result as JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await withProgram(program, ({ ctx }) => resetDemo(ctx))
      print(options.json ? JSON.stringify(report) : `removed ${report.returns} demo returns`)
    })
}
