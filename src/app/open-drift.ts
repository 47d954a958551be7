import { join } from 'node:path'
import type { FeatureContract } from '#contracts/features.ts'
import { openBuiltInDrift } from '#integrations/drift/built-in.ts'
import { openEvidently } from '#integrations/drift/evidently.ts'
import type { Drift } from '#integrations/drift/port.ts'
import type { Config } from './config.ts'

/** Our own statistics always, Evidently beside them where a Python with it is named. */
export function openDrift(
  config: Pick<Config, 'SMARTRETURNS_EVIDENTLY' | 'dataFolder' | 'referenceFolder'>,
  contract: FeatureContract,
  now: () => number,
): readonly Drift[] {
  const ours = openBuiltInDrift(contract)
  const python = config.SMARTRETURNS_EVIDENTLY
  if (python === undefined) return [ours]
  const codeFolder = join(config.referenceFolder, '..', 'ml')
  return [ours, openEvidently({ python, codeFolder, outFolder: join(config.dataFolder, 'drift'), contract, now })]
}
