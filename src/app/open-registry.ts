import { guardHttp } from '#integrations/guarded-http.ts'
import { openHttp } from '#integrations/http.ts'
import { openMlflowRegistry } from '#integrations/model-registry/mlflow.ts'
import type { ModelRegistry } from '#integrations/model-registry/port.ts'
import { openTablesRegistry } from '#integrations/model-registry/tables.ts'
import type { Blobs } from '#platform/blobs/port.ts'
import type { Database } from '#platform/db/port.ts'
import type { Policies } from '#platform/resilience/registry.ts'
import type { Metrics } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'
import { outgoingPolicies } from './outgoing-policies.ts'

const timeoutMs = 15_000
/** The largest file of a model. */
const bytesMax = 32 * 1024 * 1024

export function openRegistry(
  config: Pick<Config, 'SMARTRETURNS_MLFLOW_URL' | 'SMARTRETURNS_MLFLOW_TOKEN'>,
  parts: {
    readonly db: Database
    readonly blobs: Blobs
    readonly metrics: Pick<Metrics, 'observe'>
    readonly policies: Policies
  },
): ModelRegistry {
  const { SMARTRETURNS_MLFLOW_URL: baseUrl, SMARTRETURNS_MLFLOW_TOKEN: token } = config
  if (baseUrl === undefined) return openTablesRegistry(parts)
  const headers = token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }
  const http = openHttp({ system: 'mlflow', baseUrl, timeoutMs, bytesMax, metrics: parts.metrics, ...headers })
  return openMlflowRegistry(guardHttp(http, parts.policies.open(outgoingPolicies.mlflow)))
}
