import { join, resolve } from 'node:path'
import type { Reference } from '#contracts/reference.ts'
import { openLinear } from '#integrations/text/linear.ts'
import type { Text } from '#integrations/text/port.ts'
import { openWords } from '#integrations/text/words.ts'
import type { Config } from './config.ts'

/** The trained models where a folder is set, our lists of words where not and for what the models are not sure of. */
export async function openText(
  config: Pick<Config, 'SMARTRETURNS_TEXT_MODELS' | 'referenceFolder'>,
  { categories }: Pick<Reference, 'categories'>,
): Promise<Text> {
  const words = await openWords(join(config.referenceFolder, 'text'), categories.keys())
  const folder = config.SMARTRETURNS_TEXT_MODELS
  if (folder === undefined) return words
  return openLinear({ folder: resolve(folder), categoryIds: categories.keys(), otherwise: words })
}
