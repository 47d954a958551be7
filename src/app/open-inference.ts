import type { FeatureContract } from '#contracts/features.ts'
import { isTransient, openHttp } from '#integrations/http.ts'
import { openLevels } from '#integrations/inference/levels.ts'
import { mlflowModel } from '#integrations/inference/mlflow.ts'
import { openInferenceModel } from '#integrations/inference/open-inference.ts'
import type { Inference } from '#integrations/inference/port.ts'
import { openRemote, type RemoteModel } from '#integrations/inference/remote.ts'
import { openTables } from '#integrations/inference/tables.ts'
import { tfServingModel } from '#integrations/inference/tf-serving.ts'
import { modelName } from '#integrations/model-registry/port.ts'
import type { Reference } from '#contracts/reference.ts'
import type { ModelCalibration } from '#contracts/models.ts'
import { openPolicies, type Policies } from '#platform/resilience/registry.ts'
import type { Log, Metrics } from '#platform/telemetry/port.ts'
import type { Config } from './config.ts'

/** Limits of decision-model 8; a whole answer is a little over 1 MB for 256 units. */
const answerBytesMax = 4 * 1024 * 1024
const breaker = { failures: 5, withinMs: 30_000, halfOpenAfterMs: 30_000 } as const
const bulkhead = { concurrentMax: 16, queueMax: 16 } as const
const retry = { attemptsMax: 1, firstWaitMs: 10, budgetShare: 0.1, isTransient } as const

type Parts = { readonly log: Log; readonly metrics: Metrics }
type RemoteConfig = Pick<
  Config,
  | 'SMARTRETURNS_INFERENCE_URL'
  | 'SMARTRETURNS_INFERENCE_TOKEN'
  | 'SMARTRETURNS_INFERENCE_MODEL'
  | 'SMARTRETURNS_INFERENCE_VERSION'
  | 'SMARTRETURNS_INFERENCE_TIMEOUT_MS'
  | 'SMARTRETURNS_INFERENCE_ROWS'
>

/** All levels that this configuration has, best first: a remote model, the embedded one, tables. */
export function openInference(
  config: RemoteConfig,
  reference: Reference,
  embedded: Inference,
  calibrationOf: (version: string) => ModelCalibration | null,
  parts: Parts,
  policies: Policies = openPolicies(parts),
): Inference {
  const remote = openConfiguredRemote(config, reference.features, calibrationOf, parts, policies)
  return openLevels([...(remote === null ? [] : [remote]), embedded, openTables(reference)], parts)
}

/** The server of `SMARTRETURNS_INFERENCE_URL`, `<protocol>+<address>`; null where none is set. */
export function remoteModelOf(
  config: RemoteConfig,
  features: FeatureContract,
  metrics: Pick<Metrics, 'observe'>,
): RemoteModel | null {
  const text = config.SMARTRETURNS_INFERENCE_URL
  if (text === undefined) return null
  const [protocol, scheme] = new URL(text).protocol.slice(0, -1).split('+') as [string, string]
  const http = openHttp({
    system: protocol,
    baseUrl: text.replace(/^[^:]*/, scheme),
    timeoutMs: Math.max(5000, config.SMARTRETURNS_INFERENCE_TIMEOUT_MS),
    bytesMax: answerBytesMax,
    metrics,
    ...(config.SMARTRETURNS_INFERENCE_TOKEN === undefined
      ? {}
      : { headers: { authorization: `Bearer ${config.SMARTRETURNS_INFERENCE_TOKEN}` } }),
  })
  const names = features.features.map((feature) => feature.name)
  const name = config.SMARTRETURNS_INFERENCE_MODEL
  if (protocol === 'mlflow') return mlflowModel(http, names)
  return protocol === 'tf-serving'
    ? tfServingModel(http, { name })
    : openInferenceModel(http, { name, features: names.length })
}

function openConfiguredRemote(
  config: RemoteConfig,
  features: FeatureContract,
  calibrationOf: (version: string) => ModelCalibration | null,
  { metrics }: Parts,
  policies: Policies,
): Inference | null {
  const model = remoteModelOf(config, features, metrics)
  if (model === null) return null
  const { engine } = model
  const policy = policies.open({
    name: engine,
    timeoutMs: config.SMARTRETURNS_INFERENCE_TIMEOUT_MS,
    breaker,
    bulkhead,
    retry,
  })
  return openRemote({
    model,
    policy,
    modelId: modelName,
    version: config.SMARTRETURNS_INFERENCE_VERSION,
    rowsMax: config.SMARTRETURNS_INFERENCE_ROWS,
    calibrationOf,
  })
}
