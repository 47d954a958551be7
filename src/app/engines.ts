import type { InferenceInfo } from '#integrations/inference/port.ts'
import type { Text } from '#integrations/text/port.ts'
import type { Policies } from '#platform/resilience/registry.ts'
import type { Config } from './config.ts'

/** One line a port: which engine runs, what picks it, and what another one would be. */
export type EngineLine = { readonly port: string; readonly engine: string; readonly why: string }

const jobsEngines = {
  database: 'pg-boss, tables in the same database',
  redis: 'BullMQ on Redis',
  rabbitmq: 'queues of RabbitMQ',
} as const

export function engineLines(
  config: Config,
  database: { readonly engine: string; readonly place: string },
  inference: readonly InferenceInfo[],
  /** Null where it could not be opened, which is told elsewhere. */
  text: Text | null,
): EngineLine[] {
  return [
    {
      port: 'database',
      engine:
        database.engine === 'embedded'
          ? `PostgreSQL 18, embedded (${database.place})`
          : `PostgreSQL at ${database.place}`,
      why: config.DATABASE_URL === undefined ? 'DATABASE_URL is not set' : 'DATABASE_URL is set',
    },
    { port: 'event bus', engine: 'relay from the event log, in process', why: 'the only engine so far' },
    {
      port: 'jobs',
      engine: jobsEngines[config.SMARTRETURNS_JOBS],
      why: `SMARTRETURNS_JOBS is ${config.SMARTRETURNS_JOBS}`,
    },
    {
      port: 'cache',
      engine: config.REDIS_URL === undefined ? 'memory of this process' : 'Redis',
      why: setting('REDIS_URL', config.REDIS_URL),
    },
    {
      port: 'limits',
      engine: config.REDIS_URL === undefined ? 'counted by this process' : 'counted on Redis and by this process',
      why: setting('REDIS_URL', config.REDIS_URL),
    },
    {
      port: 'blobs',
      engine:
        config.SMARTRETURNS_S3_BUCKET === undefined
          ? `disk, encrypted (${config.dataFolder}/blobs)`
          : `S3 bucket ${config.SMARTRETURNS_S3_BUCKET}, encrypted here`,
      why: setting('SMARTRETURNS_S3_BUCKET', config.SMARTRETURNS_S3_BUCKET),
    },
    config.SMARTRETURNS_VAULT_URL === undefined
      ? {
          port: 'secrets',
          engine: `master key in ${config.masterKeyFile}`,
          why:
            config.SMARTRETURNS_MASTER_KEY_FILE === undefined
              ? 'beside the data folder'
              : 'SMARTRETURNS_MASTER_KEY_FILE is set',
        }
      : {
          port: 'secrets',
          engine: `master key ${config.SMARTRETURNS_VAULT_KEY} in the vault at ${config.SMARTRETURNS_VAULT_URL}`,
          why: 'SMARTRETURNS_VAULT_URL is set',
        },
    {
      port: 'mail',
      engine: 'letters wait in the outbox',
      why: 'no carrier is configured: `smartreturns mail` shows them',
    },
    inferenceLine(config, inference),
    {
      port: 'models',
      engine: config.SMARTRETURNS_MLFLOW_URL === undefined ? 'registry in our tables' : 'registry of MLflow',
      why: setting('SMARTRETURNS_MLFLOW_URL', config.SMARTRETURNS_MLFLOW_URL),
    },
    {
      port: 'features',
      engine: config.SMARTRETURNS_FEAST_URL === undefined ? 'feature rows in our tables' : 'Feast feature server',
      why: setting('SMARTRETURNS_FEAST_URL', config.SMARTRETURNS_FEAST_URL),
    },
    {
      port: 'drift',
      engine:
        config.SMARTRETURNS_EVIDENTLY === undefined ? 'our own statistics' : 'our own statistics, and Evidently beside',
      why: setting('SMARTRETURNS_EVIDENTLY', config.SMARTRETURNS_EVIDENTLY),
    },
    ...(text === null ? [] : [textLine(config, text)]),
    { port: 'geocoder', engine: 'PIN code table (GeoNames, CC BY 4.0)', why: 'no map service is configured' },
    { port: 'routing', engine: 'great circle x 1.35', why: 'no map service is configured' },
  ]
}

/** How calls to each outside system have gone in this process; a breaker that is not closed is wrong. */
export function policyLines(policies: Policies) {
  return policies.states().map(({ name, breaker, calls, retries, lastFailure }) => ({
    what: `calls to ${name}`,
    state: breaker === 'closed' ? ('ok' as const) : ('wrong' as const),
    detail: `breaker ${breaker.replace('_', ' ')}, ${calls} calls, ${retries} retries, last failure: ${lastFailure?.why ?? 'none'}`,
  }))
}

function setting(name: string, value: string | undefined): string {
  return value === undefined ? `${name} is not set` : `${name} is set`
}

/** For each part all that are asked, in their order. */
function textLine(config: Config, { parts }: Text): EngineLine {
  const asked = (['reason', 'sentiment', 'category'] as const).map((part) => {
    const engines = parts.filter((p) => p.part === part).map(({ engine, version }) => `${engine} ${version}`)
    return `${part}: ${engines.length === 0 ? 'none' : engines.join(', then ')}`
  })
  const why = setting('SMARTRETURNS_TEXT_MODELS', config.SMARTRETURNS_TEXT_MODELS)
  return { port: 'text', engine: asked.join('; '), why }
}

/** All levels in the order in which they are asked; rules alone (L3) stand behind every list. */
function inferenceLine(config: Config, inference: readonly InferenceInfo[]): EngineLine {
  const levels = inference.map(({ level, engine, modelVersion }) => `${level} ${engine} ${modelVersion}`)
  const reasons = [
    setting('SMARTRETURNS_INFERENCE_URL', config.SMARTRETURNS_INFERENCE_URL),
    ...(inference.some(({ level }) => level === 'L1') ? [] : [`no model serves from ${config.SMARTRETURNS_MODEL}`]),
  ]
  return { port: 'inference', engine: [...levels, 'L3 rules'].join(', then '), why: reasons.join('; ') }
}
