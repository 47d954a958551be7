import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { featureContractSchema, type FeatureContract } from '#contracts/features.ts'

/** A small model that LightGBM has trained on random numbers, with what LightGBM itself answers: `make.py` beside it. */
export const smallModelFolder = join(import.meta.dirname, '..', 'fixtures', 'model-small')

const text = readFileSync(join(smallModelFolder, 'contract.json'), 'utf8')
export const smallContract: FeatureContract = {
  ...featureContractSchema.parse(JSON.parse(text)),
  hash: createHash('sha256').update(text).digest('hex'),
}
