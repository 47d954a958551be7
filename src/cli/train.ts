import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Command } from 'commander'

type Options = {
  readonly rows: string
  readonly out: string
  readonly split?: string
  readonly calibrate?: string
  readonly current?: string
  readonly json?: boolean
}

const script = join(import.meta.dirname, '..', '..', 'scripts', 'ml.mjs')

/** `train`: the models of decisions from training rows, by the Python code of `ml/`; needs no database. */
export function trainCommand(cli: Command): void {
  cli
    .command('train')
    .description('train, calibrate and export the decision models (needs Python 3.11)')
    .requiredOption('--rows <folder>', 'training rows that `simulate` or `export-rows` wrote')
    .requiredOption('--out <folder>', 'where the model is written')
    .option('--split <name>', 'split to train on; `train` when the folder has it')
    .option('--calibrate <name>', 'split to calibrate on; `calibrate` beside `train`, else a fifth of the rows')
    .option('--current <folder>', 'the model that serves now, to compare with on the same rows')
    .option('--json', 'the metrics as JSON')
    .action(async (options: Options) => {
      process.exitCode = await train(options)
    })
}

async function train({ rows, out, split, calibrate, current, json }: Options): Promise<number> {
  const args = ['train', '--rows', rows, '--out', out]
  if (split !== undefined) args.push('--split', split)
  if (calibrate !== undefined) args.push('--calibrate', calibrate)
  if (current !== undefined) args.push('--current', current)
  if (json === true) args.push('--json')
  // Metrics come on stdout, what goes on on stderr, both as Python says them.
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}
