import { createSecretKey } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import { accountRoutes } from '#gateway/routes/account.ts'
import { companyRoutes } from '#gateway/routes/auth-company.ts'
import { passwordRoutes } from '#gateway/routes/auth-password.ts'
import { secondFactorRoutes } from '#gateway/routes/auth-second-factor.ts'
import { aiRoutes } from '#gateway/routes/ai.ts'
import { analyticsRoutes } from '#gateway/routes/analytics.ts'
import { apiKeyRoutes } from '#gateway/routes/api-keys.ts'
import { auditRoutes } from '#gateway/routes/audit.ts'
import { categoryRoutes } from '#gateway/routes/categories.ts'
import { clientRoutes } from '#gateway/routes/clients.ts'
import { dispositionRoutes } from '#gateway/routes/dispositions.ts'
import { explanationRoutes } from '#gateway/routes/explanation.ts'
import { fileRoutes } from '#gateway/routes/files.ts'
import { healthRoutes } from '#gateway/routes/health.ts'
import { hubBoardRoutes } from '#gateway/routes/hub-board.ts'
import { hubRoutes } from '#gateway/routes/hubs.ts'
import { bulkRoutes } from '#gateway/routes/bulk.ts'
import { importMappingRoutes } from '#gateway/routes/import-mappings.ts'
import { importRoutes } from '#gateway/routes/imports.ts'
import { deadLetterRoutes } from '#gateway/routes/dead-letters.ts'
import { jobRoutes } from '#gateway/routes/jobs.ts'
import { labelRoutes } from '#gateway/routes/labels.ts'
import { liveRoutes } from '#gateway/routes/live.ts'
import { policyRoutes } from '#gateway/routes/policies.ts'
import { modelRoutes } from '#gateway/routes/models.ts'
import { policyReplayRoutes } from '#gateway/routes/policy-replay.ts'
import { privacyRoutes } from '#gateway/routes/privacy.ts'
import { productRoutes } from '#gateway/routes/products.ts'
import { qualityRoutes } from '#gateway/routes/quality.ts'
import { retentionRoutes } from '#gateway/routes/retention.ts'
import { returnRoutes } from '#gateway/routes/returns.ts'
import { scanRoutes } from '#gateway/routes/scan.ts'
import { sessionRoutes } from '#gateway/routes/session.ts'
import { userLoginRoutes } from '#gateway/routes/user-logins.ts'
import { userRoutes } from '#gateway/routes/users.ts'
import { webhookDeliveryRoutes } from '#gateway/routes/webhook-deliveries.ts'
import { webhookRoutes } from '#gateway/routes/webhooks.ts'
import { workflowRoutes } from '#gateway/routes/workflow.ts'
import type { Api } from '#gateway/route.ts'
import { openGateway } from '#gateway/server.ts'
import { pendingMigrations } from '#platform/db/migrate.ts'
import type { Composed } from './compose.ts'
import type { Config } from './config.ts'
import { readTls, tlsOptions, watchTls } from './tls.ts'

/** Commands that may wait before new ones are refused: about two seconds of work. */
const waitingMax = 3000

/** The HTTP server of one process, not listening yet; it speaks TLS where a certificate is set. */
export async function openServer(
  config: Config,
  { ctx, commands, login, audit, limits }: Composed,
  options: {
    readonly web: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null
    readonly isDraining: () => boolean
    /** A process without it answers about itself alone. */
    readonly hasApi: boolean
  },
): Promise<Api> {
  const tls =
    config.SMARTRETURNS_TLS_CERT === undefined || config.SMARTRETURNS_TLS_KEY === undefined
      ? null
      : { cert: config.SMARTRETURNS_TLS_CERT, key: config.SMARTRETURNS_TLS_KEY }
  const pair = tls === null ? null : readTls(tls)
  const api = await openGateway(
    { ctx, commands, cursorKey: createSecretKey(ctx.secrets.deriveKey('list cursors')) },
    {
      version: config.version,
      identity: login.identity,
      trustedProxies: config.SMARTRETURNS_TRUSTED_PROXIES,
      limits,
      guessesPerMinute: config.SMARTRETURNS_GUESSES_PER_MINUTE,
      allowedOrigins: config.SMARTRETURNS_ORIGINS,
      tls: pair === null ? null : { ...pair, ...tlsOptions },
      web: options.web,
      waitingMax,
      refusals: audit.refusals,
      notReady: async () => {
        if (options.isDraining()) return 'draining'
        try {
          return (await pendingMigrations(ctx.db, config.migrationsFolder)).length > 0 ? 'migrations are pending' : null
        } catch {
          return 'the database does not answer'
        }
      },
      isDraining: options.isDraining,
      routes: options.hasApi ? apiRoutes(config, login, audit) : [healthRoutes(config.version)],
    },
  )
  if (tls !== null && pair !== null) {
    const stop = watchTls(api.server as unknown as Server, tls, pair, ctx.log)
    api.server.once('close', stop)
  }
  return api
}

function apiRoutes(config: Config, login: Composed['login'], audit: Composed['audit']) {
  return [
    sessionRoutes(login),
    secondFactorRoutes(login),
    passwordRoutes(login),
    companyRoutes(login),
    accountRoutes,
    userRoutes(login),
    userLoginRoutes(login),
    apiKeyRoutes,
    clientRoutes,
    categoryRoutes,
    productRoutes,
    returnRoutes,
    dispositionRoutes,
    labelRoutes,
    explanationRoutes,
    workflowRoutes,
    qualityRoutes,
    aiRoutes,
    modelRoutes,
    policyRoutes,
    policyReplayRoutes,
    hubRoutes,
    hubBoardRoutes,
    liveRoutes(login),
    scanRoutes,
    fileRoutes,
    importRoutes,
    bulkRoutes,
    importMappingRoutes,
    analyticsRoutes,
    jobRoutes,
    deadLetterRoutes,
    auditRoutes(audit),
    privacyRoutes,
    retentionRoutes,
    webhookRoutes,
    webhookDeliveryRoutes,
    healthRoutes(config.version),
  ]
}
