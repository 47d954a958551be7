import type { Configuration } from 'openid-client'
import { z } from 'zod'
import type { CompanyLogin } from '#contracts/company-login.ts'
import { AppError } from '#kernel/errors.ts'
import type { Vault } from '../vault.ts'

/** What a provider tells about a person, as far as we ask. */
export type CompanyClaims = {
  readonly subject: string
  readonly email: string | null
  readonly isEmailVerified: boolean
  readonly name: string | null
  readonly roleValues: readonly string[]
  readonly hasSecondFactor: boolean
}

export type CompanyLogins = {
  readonly list: () => readonly { readonly id: string; readonly name: string }[]
  /** Where to send the browser, and what it keeps meanwhile. */
  readonly start: (providerId: string, next: string) => Promise<{ readonly url: URL; readonly journey: string }>
  /** What the provider says, after all checks; `query` is what the browser came back with. */
  readonly finish: (
    journey: string | null,
    query: string,
  ) => Promise<{ readonly provider: CompanyLogin; readonly claims: CompanyClaims; readonly next: string }>
}

export const journeySeconds = 600
const timeoutSeconds = 10
const discoveredForMs = 3_600_000
const journeyContext = 'company login'

const journeySchema = z.strictObject({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
  untilMs: z.number(),
})

/** Read only where a company signs in this way: it takes longer to load than a login to check. */
const protocol = () => import('openid-client')

/**
 * OpenID Connect by authorization code with PKCE, state and nonce. The three are bound to the browser by a sealed
 * cookie: a code that another browser began with is refused.
 */
export function openCompanyLogins(settings: {
  readonly providers: readonly CompanyLogin[]
  readonly vault: Vault
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string
  readonly now: () => number
}): CompanyLogins {
  const { providers, vault, redirectUri, now } = settings
  const known = new Map<string, { readonly untilMs: number; readonly configuration: Configuration }>()

  async function configurationOf(provider: CompanyLogin): Promise<Configuration> {
    const before = known.get(provider.id)
    if (before !== undefined && before.untilMs > now()) return before.configuration
    const { allowInsecureRequests, ClientSecretBasic, discovery, enableNonRepudiationChecks, None } = await protocol()
    const issuer = new URL(provider.issuer)
    const authentication = provider.clientSecret === null ? None() : ClientSecretBasic(provider.clientSecret)
    const metadata = { id_token_signed_response_alg: provider.idTokenAlg }
    const configuration = await discovery(issuer, provider.clientId, metadata, authentication, {
      timeout: timeoutSeconds,
      // The signature of the id token is checked too, not only the connection that it came by.
      execute: [enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : [])],
    })
    known.set(provider.id, { untilMs: now() + discoveredForMs, configuration })
    return configuration
  }

  function providerOf(id: string): CompanyLogin {
    const provider = providers.find((one) => one.id === id)
    if (provider === undefined)
      throw new AppError('not_found', `no company signs in by ${id}`, { problem: 'provider_unknown' })
    return provider
  }

  function openJourney(text: string | null): z.infer<typeof journeySchema> {
    const refused = new AppError('unauthenticated', 'this sign-in took too long, or began in another browser', {
      problem: 'company_journey_lost',
    })
    if (text === null) throw refused
    let journey: z.infer<typeof journeySchema>
    try {
      const plain = vault.open(Buffer.from(text, 'base64url'), journeyContext)
      journey = journeySchema.parse(JSON.parse(plain.toString()))
    } catch (cause) {
      throw new AppError('unauthenticated', refused.message, { problem: refused.problem, cause })
    }
    if (journey.untilMs <= now()) throw refused
    return journey
  }

  return {
    list: () => providers.map(({ id, name }) => ({ id, name })),
    start: async (providerId, next) => {
      const provider = providerOf(providerId)
      const configuration = await reached(provider, () => configurationOf(provider))
      const openid = await protocol()
      const { randomNonce, randomPKCECodeVerifier, randomState } = openid
      const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()]
      const url = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: provider.scopes,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      const journey = { provider: provider.id, state, nonce, verifier, next, untilMs: now() + journeySeconds * 1000 }
      const sealed = vault.seal(Buffer.from(JSON.stringify(journey)), journeyContext)
      return { url, journey: sealed.toString('base64url') }
    },
    finish: async (text, query) => {
      const journey = openJourney(text)
      const provider = providerOf(journey.provider)
      const configuration = await reached(provider, () => configurationOf(provider))
      const { authorizationCodeGrant, fetchUserInfo } = await protocol()
      const claims = await refusedUnlessRight(provider, async () => {
        const answer = await authorizationCodeGrant(configuration, new URL(`${redirectUri}?${query}`), {
          pkceCodeVerifier: journey.verifier,
          expectedState: journey.state,
          expectedNonce: journey.nonce,
          idTokenExpected: true,
        })
        const told = answer.claims()!
        // Some providers keep the address for their userinfo endpoint.
        const more =
          told['email'] === undefined ? await fetchUserInfo(configuration, answer.access_token, told.sub) : {}
        return { ...more, ...told }
      })
      return { provider, claims: readCompanyClaims(provider, claims), next: journey.next }
    },
  }
}

export function readCompanyClaims(provider: CompanyLogin, claims: Readonly<Record<string, unknown>>): CompanyClaims {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
  const role = provider.roleClaim === null ? undefined : claims[provider.roleClaim]
  const { amr } = claims
  return {
    subject: String(claims['sub']),
    email: text(claims['email'])?.toLowerCase() ?? null,
    // The word true is not the truth: only the value counts.
    isEmailVerified: claims['email_verified'] === true,
    name: text(claims['name']),
    roleValues: (Array.isArray(role) ? role : [role]).filter((value): value is string => typeof value === 'string'),
    hasSecondFactor: provider.trustsSecondFactor || (Array.isArray(amr) && amr.includes('mfa')),
  }
}

async function reached<T>(provider: CompanyLogin, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw new AppError('unavailable', `the login of ${provider.name} does not answer`, {
      problem: 'provider_unavailable',
      cause,
    })
  }
}

async function refusedUnlessRight<T>(provider: CompanyLogin, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw new AppError('unauthenticated', `the login of ${provider.name} did not confirm who you are`, {
      problem: 'company_refused',
      cause,
    })
  }
}
