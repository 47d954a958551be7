import type { FeatureContract } from '#contracts/features.ts'
import { openFeast } from '#integrations/feature-store/feast.ts'
import type { FeatureStore } from '#integrations/feature-store/port.ts'
import { openTablesFeatures } from '#integrations/feature-store/tables.ts'
import { guardHttp } from '#integrations/guarded-http.ts'
import { openHttp } from '#integrations/http.ts'
import type { Database } from '#platform/db/port.ts'
import type { Policies } from '#platform/resilience/registry.ts'
import type { Metrics } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'
import { outgoingPolicies } from './outgoing-policies.ts'

const timeoutMs = 15_000
const bytesMax = 8 * 1024 * 1024

export function openFeatures(
  config: Pick<Config, 'SMARTRETURNS_FEAST_URL'>,
  parts: {
    readonly db: Database
    readonly contract: FeatureContract
    readonly metrics: Pick<Metrics, 'observe'>
    readonly policies: Policies
  },
): FeatureStore {
  const baseUrl = config.SMARTRETURNS_FEAST_URL
  if (baseUrl === undefined) return openTablesFeatures(parts.db, parts.contract)
  const http = openHttp({ system: 'feast', baseUrl, timeoutMs, bytesMax, metrics: parts.metrics })
  return openFeast(guardHttp(http, parts.policies.open(outgoingPolicies.feast)), parts.contract)
}
