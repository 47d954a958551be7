import { readFileSync } from 'node:fs'
import { companyLoginsSchema, type CompanyLogin } from '#contracts/company-login.ts'
import type { Mail } from '#integrations/mail/port.ts'
import { AppError } from '#kernel/errors.ts'
import { openAttempts } from '#platform/auth/attempts.ts'
import { openIdentity } from '#platform/auth/identity.ts'
import type { Login } from '#platform/auth/login.ts'
import { invitationDays, resetMinutes } from '#platform/auth/links.ts'
import { openCompanyLogins } from '#platform/auth/oidc/company-logins.ts'
import type { Notice } from '#platform/auth/recover.ts'
import { openSecondFactors } from '#platform/auth/second-factor/second-factors.ts'
import { openSigningKeys } from '#platform/auth/signing-keys.ts'
import { openTokens } from '#platform/auth/tokens.ts'
import type { Box, Vault } from '#platform/auth/vault.ts'
import type { Database } from '#platform/db/port.ts'
import type { EventLog } from '#platform/events/port.ts'
import type { Config } from './config.ts'

/** A notice without a link says what was; after a week it is no news. */
const noticeMs = 7 * 86_400_000

export async function openLogin(
  config: Pick<Config, 'baseUrl' | 'isDemo' | 'needsSecondFactor'>,
  parts: {
    readonly db: Database
    readonly events: EventLog
    readonly box: Box
    readonly vault: Vault
    readonly mail: Mail
    readonly providers: readonly CompanyLogin[]
    readonly nameOf: (email: string) => string
    readonly now: () => number
  },
): Promise<Login> {
  const { db, events, box, vault, mail, providers, nameOf, now } = parts
  const { baseUrl, isDemo, needsSecondFactor } = config
  const signingKeys = openSigningKeys({ db, events, box, now })
  const tokens = await openTokens({ db, vault, signingKeys, now })
  const secondFactors = openSecondFactors({ db, vault, now })
  return {
    tokens,
    signingKeys,
    identity: openIdentity({ db, tokens, needsSecondFactor, now }),
    sessions: {
      db,
      events,
      tokens,
      secondFactors,
      needsSecondFactor,
      attempts: openAttempts(db),
      now,
      nameOf,
      isDemo,
    },
    recover: {
      db,
      events,
      now,
      secondFactors,
      baseUrl,
      tell: (tx, user, notice) =>
        mail.send(tx, [
          {
            to: user.email,
            letter: letterOf(user.name, notice),
            expiresAt: 'link' in notice ? notice.link.expiresAt : new Date(now() + noticeMs),
          },
        ]),
    },
    companies: openCompanyLogins({
      providers,
      vault,
      redirectUri: `${baseUrl}/api/auth/company/callback`,
      now,
    }),
  }
}

function letterOf(name: string, notice: Notice) {
  switch (notice.kind) {
    case 'invitation':
      return { kind: notice.kind, name, link: notice.link.url, days: invitationDays }
    case 'password_reset':
      return { kind: notice.kind, name, link: notice.link.url, minutes: resetMinutes }
    default:
      return { kind: notice.kind, name }
  }
}

/** The companies' providers; a file that is not right stops the start with one clear line. */
export function readProviders(config: Pick<Config, 'SMARTRETURNS_OIDC_FILE' | 'NODE_ENV'>): readonly CompanyLogin[] {
  const path = config.SMARTRETURNS_OIDC_FILE
  if (path === undefined) return []
  const refuse = (why: string, cause?: unknown) =>
    new AppError('invalid', `SMARTRETURNS_OIDC_FILE: ${path} ${why}`, { problem: 'oidc_file_wrong', cause })
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw refuse(`cannot be read as JSON: ${(cause as Error).message}`, cause)
  }
  const parsed = companyLoginsSchema.safeParse(content)
  if (!parsed.success) {
    // Values are not shown: a secret may stand in the wrong field.
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw refuse(`is not right: ${faults.join('; ')}`)
  }
  const open = parsed.data.providers.find((one) => one.issuer.startsWith('http:'))
  if (open !== undefined && config.NODE_ENV === 'production')
    throw refuse(`is not right: the issuer of ${open.id} must be https in production`)
  return parsed.data.providers
}
