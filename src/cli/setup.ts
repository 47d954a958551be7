import type { Command } from 'commander'
import { exitCodes, print, type Program } from './open.ts'

/** `migrate`, `doctor`, `config example`, `permissions`. */
export function setupCommands(cli: Command, program: Program): void {
  cli
    .command('migrate')
    .description('bring the database to the schema of this program')
    .option('--plan', 'only say what would be done')
    .option('--json', 'the result as JSON')
    .action(async (options: { plan?: boolean; json?: boolean }) => {
      const names = await program.migrate(options.plan === true)
      if (options.json) print(JSON.stringify({ plan: options.plan === true, migrations: names }))
      else if (names.length === 0) print('the database is at the schema of this program')
      else for (const name of names) print(`${options.plan === true ? 'would apply' : 'applied'} ${name}`)
    })

  cli
    .command('doctor')
    .description('which engine each port runs and why, and what is wrong')
    .option('--json', 'the result as JSON')
    .action(async (options: { json?: boolean }) => {
      const lines = await program.doctor()
      if (options.json) print(JSON.stringify(lines))
      else for (const line of lines) print(`${line.state.padEnd(6)} ${line.what.padEnd(14)} ${line.detail}`)
      if (lines.some((line) => line.state === 'wrong')) process.exitCode = exitCodes.failed
    })

  cli
    .command('config')
    .description('settings')
    .command('example')
    .description('the text of .env.example')
    .action(() => print(program.envExample().trimEnd()))

  cli
    .command('permissions')
    .description('the text of docs/permissions.md: which role may call which route')
    .action(async () => print((await program.permissions()).trimEnd()))
}
