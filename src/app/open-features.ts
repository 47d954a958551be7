import type { FeatureContract } from '#contracts/features.ts'
import { openFeast } from '#integrations/feature-store/feast.ts'
import type { FeatureStore } from '#integrations/feature-store/port.ts'
import { openTablesFeatures } from '#integrations/feature-store/tables.ts'
import { openHttp } from '#integrations/http.ts'
import type { Database } from '#platform/db/port.ts'
import type { Metrics } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'

const timeoutMs = 15_000
const bytesMax = 8 * 1024 * 1024

export function openFeatures(
  config: Pick<Config, 'SMARTRETURNS_FEAST_URL'>,
  parts: { readonly db: Database; readonly contract: FeatureContract; readonly metrics: Pick<Metrics, 'observe'> },
): FeatureStore {
  const baseUrl = config.SMARTRETURNS_FEAST_URL
  if (baseUrl === undefined) return openTablesFeatures(parts.db, parts.contract)
  return openFeast(openHttp({ system: 'feast', baseUrl, timeoutMs, bytesMax, metrics: parts.metrics }), parts.contract)
}
