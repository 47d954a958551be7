import { join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { nearest } from '#kernel/nearest.ts'
import { edgeProblems, edgeSettings } from './edge-settings.ts'
import { jobsProblems, jobsSettings } from './jobs-settings.ts'
import { roleProblems, roleSettings } from './roles.ts'
import { s3Problems, s3Settings } from './s3-settings.ts'
import { list, port, yesNo } from './setting-schemas.ts'

const root = resolve(import.meta.dirname, '..', '..')

/** Every setting: the one source of `.env.example`, of the help and of the checks at start. */
export const settings = {
  PORT: { schema: port.default(3000), example: '3000', says: 'Port of the web pages and the API' },
  HOST: {
    schema: z.string().default('127.0.0.1'),
    example: '127.0.0.1',
    says: 'Address to listen on; 0.0.0.0 for all',
  },
  SMARTRETURNS_DATA: {
    schema: z.string().default(join(root, '.data')),
    example: './.data',
    says: 'Data folder: embedded database, photos, reports',
  },
  SMARTRETURNS_MASTER_KEY_FILE: {
    schema: z.string().optional(),
    example: '/etc/smartreturns/master.key',
    says: 'File of the master key that wraps the keys of persons; outside the data folder. Made at the first start when absent',
  },
  SMARTRETURNS_VAULT_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    example: 'https://vault.example.com:8200',
    says: 'HashiCorp Vault or OpenBao that keeps the master key instead of the file; a rotation moves an installation there',
  },
  SMARTRETURNS_VAULT_KEY: {
    schema: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .default('smartreturns'),
    example: 'smartreturns',
    says: 'Name of the key in the vault',
  },
  SMARTRETURNS_VAULT_MOUNT: {
    schema: z
      .string()
      .regex(/^[\w./-]{1,64}$/)
      .default('transit'),
    example: 'transit',
    says: 'Where the vault has its secrets engine of the kind transit',
  },
  SMARTRETURNS_VAULT_TOKEN: {
    schema: z.string().min(1).optional(),
    example: 'a token of the vault',
    says: 'Token for the vault',
  },
  SMARTRETURNS_VAULT_TOKEN_FILE: {
    schema: z.string().min(1).optional(),
    example: '/run/vault/token',
    says: 'File with the token for the vault, read for each call, so that an agent may renew it',
  },
  SMARTRETURNS_VAULT_NAMESPACE: {
    schema: z.string().min(1).optional(),
    example: 'returns',
    says: 'Namespace in the vault',
  },
  ...s3Settings,
  SMARTRETURNS_AUDIT_FOLDER: {
    schema: z.string().min(1).optional(),
    example: '/mnt/audit/smartreturns',
    says: 'Where signed checkpoints of the log and the hashes of its records stand outside the database: best a place that who owns the database cannot write to. In the data folder when absent',
  },
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    example: 'postgres://smartreturns@127.0.0.1:5432/smartreturns',
    says: 'PostgreSQL 15 or newer; the embedded one when absent',
  },
  REDIS_URL: {
    schema: z.url({ protocol: /^rediss?$/ }).optional(),
    example: 'redis://:password@127.0.0.1:6379',
    says: 'Redis 7 or newer for what processes cache and count together (limits of callers); the memory of each process when absent',
  },
  ...jobsSettings,
  SMARTRETURNS_DATABASE_POOL: {
    schema: z.coerce.number().int().min(2).max(200).default(12),
    example: '12',
    says: 'Database connections of this process',
  },
  SMARTRETURNS_DEMO: {
    schema: yesNo.optional(),
    example: '1',
    says: 'Demo logins and demo data; on outside production, off in production unless set',
  },
  SMARTRETURNS_DEMO_RETURNS: {
    schema: z.coerce.number().int().min(0).max(1_000_000).default(20_000),
    example: '20000',
    says: 'Demo returns that a demo installation makes for itself in the background',
  },
  SMARTRETURNS_ADMIN_EMAIL: {
    schema: z.email().optional(),
    example: 'admin@example.com',
    says: 'First administrator of an empty database',
  },
  SMARTRETURNS_ADMIN_PASSWORD: {
    schema: z.string().min(15).optional(),
    example: 'a long pass phrase of yours',
    says: 'Password of the first administrator; made and printed once when absent',
  },
  SMARTRETURNS_URL: {
    schema: z
      .url({ protocol: /^https?$/ })
      .transform((text) => text.replace(/\/+$/, ''))
      .optional(),
    example: 'https://returns.example.com',
    says: 'Address of the pages, for links in letters and the way back from a company login; http://localhost and the port when absent',
  },
  SMARTRETURNS_ADMIN_SECOND_FACTOR: {
    schema: yesNo.optional(),
    example: '1',
    says: 'Administrators must sign in with a second factor; on unless demo logins are on',
  },
  SMARTRETURNS_OIDC_FILE: {
    schema: z.string().min(1).optional(),
    example: '/etc/smartreturns/oidc.json',
    says: 'File with the OpenID Connect providers of companies: issuer, client, address domains, roles by claim',
  },
  SMARTRETURNS_ORIGINS: {
    schema: list.default([]),
    example: 'https://returns.example.com',
    says: 'Further web origins that may call the API from a browser, separated by commas',
  },
  SMARTRETURNS_TRUSTED_PROXIES: {
    schema: list.default([]),
    example: '10.0.0.0/8',
    says: 'Proxies whose X-Forwarded-For is believed',
  },
  ...roleSettings,
  ...edgeSettings,
  SMARTRETURNS_LOG: {
    schema: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    example: 'info',
    says: 'Least severe log lines that are written',
  },
  SMARTRETURNS_MODEL: {
    schema: z.string().default(join(root, 'data', 'models', 'returns')),
    example: './data/models/returns',
    says: 'Folder of the model that serves until another one is promoted; tables answer when it is not there',
  },
  SMARTRETURNS_INFERENCE_URL: {
    schema: z.url({ protocol: /^(mlflow|tf-serving|open-inference)\+https?$/ }).optional(),
    example: 'mlflow+http://127.0.0.1:5001',
    says: 'Model server that is asked first, before the embedded model: mlflow+, tf-serving+ or open-inference+ and its address',
  },
  SMARTRETURNS_INFERENCE_TOKEN: {
    schema: z.string().min(1).optional(),
    example: 'a token of the model server',
    says: 'Bearer token for the model server',
  },
  SMARTRETURNS_INFERENCE_MODEL: {
    schema: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .default('returns'),
    example: 'returns',
    says: 'Name of the model at the model server',
  },
  SMARTRETURNS_INFERENCE_VERSION: {
    schema: z
      .string()
      .regex(/^[\w.+-]{1,64}$/)
      .optional(),
    example: '2026.11.1',
    says: 'The one version that is believed from the model server; any version of our model when absent',
  },
  SMARTRETURNS_INFERENCE_TIMEOUT_MS: {
    schema: z.coerce.number().int().min(10).max(10_000).default(150),
    example: '150',
    says: 'How long the model server may take, its retry included, before the embedded model answers',
  },
  SMARTRETURNS_INFERENCE_ROWS: {
    schema: z.coerce.number().int().min(1).max(1000).default(32),
    example: '32',
    says: 'Units at once that the model server is asked for; larger batches go to the embedded model',
  },
  SMARTRETURNS_MLFLOW_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    example: 'http://127.0.0.1:5000',
    says: 'MLflow tracking server that keeps the model registry; our own tables when absent',
  },
  SMARTRETURNS_MLFLOW_TOKEN: {
    schema: z.string().min(1).optional(),
    example: 'a token of the tracking server',
    says: 'Bearer token for the MLflow tracking server',
  },
  SMARTRETURNS_FEAST_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    example: 'http://127.0.0.1:6566',
    says: 'Feast feature server that features are pushed to and read from; our own tables when absent',
  },
  SMARTRETURNS_EVIDENTLY: {
    schema: z.string().optional(),
    example: '/opt/smartreturns/python/bin/python',
    says: 'Python with the package evidently: its drift report is then made beside our own',
  },
  SMARTRETURNS_TEXT_MODELS: {
    schema: z.string().min(1).optional(),
    example: './models/text',
    says: "Folder of trained models that read customers' words and titles (reason.json, sentiment.json, category.json); our lists of words when absent",
  },
  SMARTRETURNS_WEB: { schema: yesNo.default(true), example: '1', says: 'Serve the web pages from this process' },
  NODE_ENV: {
    schema: z.enum(['development', 'production', 'test']).default('development'),
    example: 'production',
    says: 'In production demo logins are off and a weak setting stops the start',
  },
} as const

type Settings = typeof settings
export type Config = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> } & {
  readonly dataFolder: string
  readonly masterKeyFile: string
  readonly referenceFolder: string
  readonly migrationsFolder: string
  readonly isDemo: boolean
  readonly needsSecondFactor: boolean
  readonly drainMs: number
  /** Where people reach the pages, without a slash at its end. */
  readonly baseUrl: string
  readonly version: string
}

/** Names that look like ours and are none, each with the nearest that is; those of the tests are theirs. */
export function unknownSettings(env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const known = Object.keys(settings)
  return Object.keys(env)
    .filter((name) => /^SMARTRETURNS_(?!TEST_)/.test(name) && !known.includes(name))
    .map((name) => `${name} is not a setting; the nearest is ${nearest(name, known)}`)
}

/** Reads and checks all settings at once; throws one error that names every bad one with what was got and wanted. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  /** What the command line says, before the environment. */
  over: Readonly<Record<string, string>> = {},
): Config {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, { schema, example }] of Object.entries(settings)) {
    const given = over[name] ?? env[name]
    const text = given === '' ? undefined : given
    const parsed = (schema as z.ZodType).safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else {
      const isSecret = /PASSWORD|KEY|URL|TOKEN/.test(name)
      const got = isSecret ? 'a value that is not shown' : JSON.stringify(text)
      problems.push(
        `${name}: got ${got}, wanted ${parsed.error.issues.map((issue) => issue.message).join(', ')}; for example ${example}`,
      )
    }
  }
  problems.push(...edgeProblems(values), ...jobsProblems(values), ...s3Problems(values), ...roleProblems(values))
  if (problems.length > 0) throw new AppError('invalid', `settings are wrong:\n  ${problems.join('\n  ')}`)
  const config = values as unknown as Config
  const dataFolder = resolve(config.SMARTRETURNS_DATA)
  const isDemo = config.SMARTRETURNS_DEMO ?? config.NODE_ENV !== 'production'
  return {
    ...config,
    dataFolder,
    masterKeyFile:
      config.SMARTRETURNS_MASTER_KEY_FILE === undefined
        ? `${dataFolder}.key`
        : resolve(config.SMARTRETURNS_MASTER_KEY_FILE),
    referenceFolder: join(root, 'data'),
    migrationsFolder: join(root, 'db', 'migrations'),
    isDemo,
    needsSecondFactor: config.SMARTRETURNS_ADMIN_SECOND_FACTOR ?? !isDemo,
    drainMs: config.SMARTRETURNS_DRAIN_MS ?? (config.NODE_ENV === 'production' ? 5000 : 200),
    baseUrl:
      config.SMARTRETURNS_URL ??
      `${config.SMARTRETURNS_TLS_CERT === undefined ? 'http' : 'https'}://localhost:${config.PORT}`,
    version: '0.1.0',
  }
}

/** The text of `.env.example`. */
export function envExample(): string {
  const lines = Object.entries(settings).map(([name, { says, example }]) => `# ${says}.\n# ${name}=${example}\n`)
  return `# Settings of SmartReturns; all of them may be left out. Made by \`smartreturns config example\`.\n\n${lines.join('\n')}`
}
