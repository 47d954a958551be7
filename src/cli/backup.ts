import type { Command } from 'commander'
import { print, progress, type Program } from './open.ts'

/** `backup` and `restore`. */
export function backupCommands(cli: Command, program: Program): void {
  cli
    .command('backup')
    .description('all that is kept, as one encrypted file, while the program runs')
    .option('--to <folder>', 'where the file goes', 'backups')
    .option('--json', 'the result as JSON')
    .action(async ({ to, json }: { to: string; json?: boolean }) => {
      const made = await program.backup(to, progress)
      if (json) return print(JSON.stringify(made))
      print(`${made.file}  ${(made.bytes / 1_048_576).toFixed(1)} MiB, ${made.seconds.toFixed(1)} s`)
      print(`It opens with the master key alone, which is not in it: ${made.masterKey}. Keep both, and apart.`)
    })

  cli
    .command('restore')
    .argument('<file>', 'a file that `backup` made')
    .description('put a backup into a new data folder, or a dump into an empty database')
    .requiredOption('--to <folder>', 'the data folder; it must be new or empty')
    .option(
      '--erasures <place>',
      'a data folder or a copy of it, or s3:BUCKET, whose erasures of persons are done again at the next start',
    )
    .option('--json', 'the result as JSON')
    .action(async (file: string, { to, erasures, json }: { to: string; erasures?: string; json?: boolean }) => {
      const restored = await program.restore(file, to, erasures, progress)
      if (json) return print(JSON.stringify(restored))
      print(`as of ${restored.madeAt}, in ${restored.dataFolder}; erasures since then: ${restored.erasures}`)
      print(
        'Start the program with SMARTRETURNS_DATA set to this folder, then run `smartreturns check` and `verify-audit`.',
      )
    })
}
