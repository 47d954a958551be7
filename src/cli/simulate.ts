import { readFile } from 'node:fs/promises'
import { InvalidArgumentError, type Command } from 'commander'
import { AppError } from '#kernel/errors.ts'
import { parseParams } from '#lab/simulator/params.ts'
import { simulateWorld } from '#lab/simulator/simulate-world.ts'
import { summaryLines } from '#lab/simulator/summary.ts'
import { print, progress, type Program } from './open.ts'

type Options = {
  readonly seed: number
  readonly params?: string
  readonly out: string
  readonly scale: number
  readonly json?: boolean
}

/** `simulate`: a world in which the outcome of every route is known; needs no database. */
export function simulateCommand(cli: Command, program: Program): void {
  cli
    .command('simulate')
    .description('write a simulated world: units, what was known of them, and the true value of every option')
    .requiredOption('--seed <n>', 'whole number; another one gives another world', wholeNumber)
    .option('--params <file>', 'parameters; without it those that ship (data/simulator/params.json)')
    .requiredOption('--out <folder>', 'where the world is written')
    .option('--scale <factor>', 'size of the splits against the parameters', factorOf, 1)
    .option('--json', 'the summary as JSON')
    .action(async (options: Options) => {
      const { ground, paramsFile, tablesFor } = await program.laboratory()
      const file = options.params ?? paramsFile
      const params = parseParams(await readJson(file), new Set(ground.categories.keys()))
      const summary = simulateWorld(
        { ground, tablesFor, progress },
        { seed: options.seed, params, folder: options.out, scale: options.scale },
      )
      progress('')
      if (options.json) print(JSON.stringify({ folder: options.out, seed: options.seed, ...summary }))
      else for (const line of [`world of seed ${options.seed} in ${options.out}`, ...summaryLines(summary)]) print(line)
    })
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('a whole number from 0')
  return value
}

function factorOf(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 10)) throw new InvalidArgumentError('a number above 0, at most 10')
  return value
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('not_found', `${file} cannot be read`, { cause })
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('invalid', `${file} is not JSON: ${(cause as Error).message}`, { cause })
  }
}
