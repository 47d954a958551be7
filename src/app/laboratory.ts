import { join } from 'node:path'
import { tablePredictor } from '#integrations/inference/tables.ts'
import type { Laboratory } from '#lab/laboratory.ts'
import { readReference } from './reference.ts'

/** What the laboratory works with: the reference data and level L2 on them; no database is opened. */
export async function openLaboratory(referenceFolder: string): Promise<Laboratory> {
  const ground = await readReference(referenceFolder)
  return {
    ground,
    paramsFile: join(referenceFolder, 'simulator', 'params.json'),
    tablesFor: (decision) => tablePredictor({ decision, categories: ground.categories, features: ground.features }),
  }
}
