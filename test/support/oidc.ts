import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import Provider from 'oidc-provider'

export type Account = {
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly groups?: readonly string[]
  readonly amr?: readonly string[]
}

export type Company = {
  readonly issuer: string
  readonly accounts: Record<string, Account>
  /** Requests that the provider got, without the answers. */
  readonly asked: URL[]
  /** What a person does at the provider; answers the address that the browser is sent back to. */
  readonly signIn: (url: string, account: string) => Promise<URL>
  readonly stop: () => Promise<void>
}

const callback = '/api/auth/company/callback'
const secret = 'a secret of the tests, long enough'

/** A certified OpenID provider of its own on a port of this machine. */
export async function startCompany(t: Pick<TestContext, 'after'>, baseUrl = 'http://localhost:3000'): Promise<Company> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const accounts: Record<string, Account> = {}
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'smartreturns', client_secret: secret, redirect_uris: [`${baseUrl}${callback}`] }],
    // The address stands at the userinfo endpoint only, as the specification has it.
    claims: { openid: ['sub', 'amr'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => Promise.resolve({ sub: id, ...accounts[id] }) as never }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['a key of the tests'] },
  })
  const asked: URL[] = []
  const handle = provider.callback()
  server.on('request', (request, response) => {
    asked.push(new URL(request.url!, issuer))
    void handle(request, response)
  })
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
  t.after(stop)
  return { issuer, accounts, asked, signIn: (url, account) => walk(url, account, issuer), stop }
}

/** Follows redirects with the cookies that a browser would keep, and fills in the login form on its way. */
async function walk(start: string, account: string, issuer: string): Promise<URL> {
  const jar = new Map<string, string>()
  let url = new URL(start)
  let form: URLSearchParams | null = null
  for (let step = 0; step < 10; step++) {
    if (!url.href.startsWith(issuer)) return url
    const response: Response = await fetch(url, {
      redirect: 'manual',
      method: form === null ? 'GET' : 'POST',
      body: form,
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      jar.set(name!, value!)
    }
    const location = response.headers.get('location')
    if (location === null) {
      assert.ok(url.pathname.startsWith('/interaction/'), await response.text())
      form = new URLSearchParams({ prompt: 'login', login: account, password: 'any' })
    } else {
      form = null
      url = new URL(location, url)
    }
  }
  throw new Error(`the provider sends in circles: ${url.href}`)
}

/** The settings of one company in a file, as an operator writes it. */
export function givenOidcFile(t: Pick<TestContext, 'after'>, ...providers: readonly object[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-oidc-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'oidc.json')
  writeFileSync(path, JSON.stringify({ providers }))
  return path
}

export function companySettings(company: Pick<Company, 'issuer'>, more: object = {}): object {
  return {
    id: 'acme',
    name: 'Acme Retail',
    issuer: company.issuer,
    clientId: 'smartreturns',
    clientSecret: secret,
    emailDomains: ['acme.example'],
    ...more,
  }
}
