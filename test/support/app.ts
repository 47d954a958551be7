import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openCommands } from '#flows/open-commands.ts'
import type { Role } from '#contracts/codes.ts'
import type { Api } from '#gateway/route.ts'
import type { Jobs } from '#platform/jobs/port.ts'
import type { Login } from '#platform/auth/login.ts'
import { newApiKey } from '#platform/auth/api-keys.ts'
import { openMemoryBuckets } from '#platform/limits/memory.ts'
import type { Buckets } from '#platform/limits/port.ts'
import { createUser } from '#platform/auth/users.ts'
import { insertKey } from '#platform/auth/key-store.ts'
import { openVault } from '#platform/auth/vault.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { readConfig } from '../../src/app/config.ts'
import { openLogin, readProviders } from '../../src/app/open-login.ts'
import { openAudit, type Audit } from '../../src/app/open-audit.ts'
import { openServer } from '../../src/app/open-server.ts'
import { openTestContext, type TestContextOf } from './context.ts'

export type Answer = {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: any
  readonly text: string
  readonly bytes: Buffer
}
export type Call = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>

export type TestApp = {
  readonly ctx: TestContextOf
  readonly server: Api
  readonly audit: Audit
  readonly login: Login
  readonly masterKeyFile: string
  readonly call: Call
  /** Calls as a new user of this role, bound to these hubs and clients. */
  readonly as: (role: Role, hubIds?: readonly string[], clientIds?: readonly string[]) => Promise<Call>
  readonly asKey: (clientId: string, scopes: readonly string[]) => Promise<Call>
}

/** The real server on a fresh database, asked without a port. */
export async function openTestApp(
  t: Pick<TestContext, 'after'>,
  env: Readonly<Record<string, string>> = {},
  web: Parameters<typeof openServer>[2]['web'] = null,
  parts: Partial<Pick<TestContextOf, 'inference' | 'cache' | 'blobs'>> = {},
  limits: Buckets | null = null,
  openJobs?: (connectionString: string) => Promise<Jobs>,
): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-http-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const base = await openTestContext(t)
  const secrets = await openLocalSecrets({ db: base.db, masterKeyFile: join(folder, 'master.key'), now: base.now })
  const ctx = { ...base, secrets, ...parts }
  if (openJobs !== undefined) {
    const jobs = await openJobs(base.db.connectionString)
    t.after(() => jobs.close())
    Object.assign(ctx, { jobs })
  }
  const config = readConfig({
    NODE_ENV: 'test',
    SMARTRETURNS_DATA: join(folder, 'data'),
    SMARTRETURNS_DEMO: '1',
    ...env,
  })
  const login = await openLogin(config, {
    ...ctx,
    box: secrets,
    vault: await openVault(ctx.db, secrets, new Date(ctx.now())),
    providers: readProviders(config),
    nameOf: (email) => secrets.personId('login', email),
  })
  const audit = await openAudit(config, ctx)
  t.after(() => audit.refusals.close())
  const composed = {
    ctx,
    audit,
    commands: openCommands(ctx),
    limits: limits ?? openMemoryBuckets(ctx.now),
    login,
    database: { db: ctx.db, connectionString: '', place: '', applied: [], access: null },
    close: () => Promise.resolve(),
  }
  const server = await openServer(config, composed, { web, isDraining: () => false, hasApi: true })
  t.after(() => server.close())
  const caller =
    (authorization: string | null): Call =>
    async (method, url, body, headers = {}) => {
      const response = await server.inject({
        method,
        url,
        headers: {
          ...(authorization === null ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      })
      const isJson = /[/+]json/.test(response.headers['content-type'] ?? '')
      return {
        status: response.statusCode,
        headers: response.headers,
        body: isJson && response.body !== '' ? JSON.parse(response.body) : null,
        text: response.body,
        bytes: response.rawPayload,
      }
    }
  let users = 0
  return {
    ctx: ctx,
    server,
    audit,
    login,
    masterKeyFile: join(folder, 'master.key'),
    call: caller(null),
    as: async (role, hubIds = [], clientIds = []) => {
      users += 1
      const user = {
        email: `${role}${users}@example.test`,
        name: role,
        role,
        hubIds,
        clientIds,
        isDemo: true,
        password: 'a pass phrase of the tests',
      }
      await createUser(ctx, user, { kind: 'system', id: 'test' }, 'test')
      const session = await caller(null)('POST', '/api/auth/login', { email: user.email, password: user.password })
      return caller(`Bearer ${session.body.accessToken}`)
    },
    asKey: async (clientId, scopes) => {
      const key = newApiKey('live')
      const at = new Date(ctx.now())
      await ctx.db.transaction((tx) =>
        insertKey(tx, {
          ...key,
          environment: 'live',
          name: 'test',
          clientId,
          hubIds: [],
          scopes,
          createdBy: null,
          createdAt: at,
          expiresAt: new Date(at.getTime() + 86_400_000),
        }),
      )
      return caller(`Bearer ${key.text}`)
    },
  }
}
