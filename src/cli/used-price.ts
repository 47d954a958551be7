import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { parse } from 'csv-parse/sync'
import { usedPriceModelSchema, type SpecificationRow } from '#contracts/used-price.ts'
import { AppError } from '#kernel/errors.ts'
import { openUsedPrices } from '#services/recommendation/index.ts'
import { print } from './open.ts'

type Options = { readonly model: string; readonly rows: string; readonly json?: boolean }

/** `used-price`: used prices of the rows of a file, by a price model of their category; needs no database. */
export function usedPriceCommand(cli: Command): void {
  cli
    .command('used-price')
    .description('used prices with 80 % intervals for the rows of a CSV, by a price model of `ml/`')
    .requiredOption('--model <file>', 'value.json of `node scripts/ml.mjs value-model`')
    .requiredOption('--rows <file>', 'CSV with the columns that the model was trained on')
    .option('--json', 'the answers as JSON')
    .action(async ({ model, rows, json }: Options) => {
      const evaluate = openUsedPrices(await readModel(model))
      const table: SpecificationRow[] = parse(await readFile(rows), { columns: true, bom: true })
      const answers = evaluate(table)
      if (json === true) return print(JSON.stringify(answers))
      print('row,low,price,high')
      answers.forEach((answer, i) => {
        const amounts = [answer.low, answer.price, answer.high].map((amount) => amount.toFixed(2))
        print([table[i]!['row_id'] ?? i, ...amounts].join(','))
      })
    })
}

async function readModel(file: string) {
  const found = usedPriceModelSchema.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw new AppError('invalid', `${file} is no price model: ${issue?.path.join('.')}: ${issue?.message}`)
}
