import type { CompanyLogins } from './oidc/company-logins.ts'
import type { Identity } from './port.ts'
import type { RecoverContext } from './recover.ts'
import type { SessionContext } from './sessions.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { Tokens } from './tokens.ts'

/** Everything about who may come in, wired. */
export type Login = {
  readonly tokens: Tokens
  readonly identity: Identity
  readonly signingKeys: SigningKeys
  readonly sessions: SessionContext
  readonly recover: RecoverContext
  readonly companies: CompanyLogins
}
