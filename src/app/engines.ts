import type { Config } from './config.ts'

/** One line a port: which engine runs, what picks it, and what another one would be. */
export type EngineLine = { readonly port: string; readonly engine: string; readonly why: string }

export function engineLines(
  config: Config,
  database: { readonly engine: string; readonly place: string },
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
    { port: 'jobs', engine: 'pg-boss, tables in the same database', why: 'the only engine so far' },
    { port: 'cache', engine: 'memory of this process', why: 'the only engine so far' },
    { port: 'blobs', engine: `disk (${config.dataFolder}/blobs)`, why: 'the only engine so far' },
    {
      port: 'secrets',
      engine: `master key in ${config.masterKeyFile}`,
      why:
        config.SMARTRETURNS_MASTER_KEY_FILE === undefined
          ? 'beside the data folder'
          : 'SMARTRETURNS_MASTER_KEY_FILE is set',
    },
    { port: 'inference', engine: 'tables (decision level L2)', why: 'no trained model is there' },
    { port: 'geocoder', engine: 'PIN code table (GeoNames, CC BY 4.0)', why: 'no map service is configured' },
    { port: 'routing', engine: 'great circle x 1.35', why: 'no map service is configured' },
  ]
}
