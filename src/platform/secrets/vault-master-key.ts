import { AppError } from '#kernel/errors.ts'
import type { MasterKey } from './port.ts'

export type VaultSettings = {
  /** Such as https://vault.example.com:8200. */
  readonly url: string
  readonly mount: string
  readonly key: string
  /** Asked for each call: an agent may renew the token in its file. */
  readonly token: () => string
  readonly namespace?: string | undefined
  readonly timeoutMs?: number
}

type Data = { readonly ciphertext?: string; readonly plaintext?: string; readonly latest_version?: number }
type Answer = { readonly data?: Data; readonly errors?: readonly string[] }

const attempts = 3
const pauseMs = 200

/**
 * The master key in a HashiCorp Vault or OpenBao: secrets engine `transit`, key type aes256-gcm96. The key never leaves it.
 * Needed at the start of a process and for a rotation; what runs goes on while it is away.
 */
export function openVaultMasterKey(settings: VaultSettings): MasterKey {
  const { url, mount, key, timeoutMs = 5000 } = settings
  const place = `${url.replace(/\/$/, '')}/v1/${mount}/keys/${key}`
  const unavailable = (why: string, cause?: unknown) =>
    new AppError('unavailable', `the vault at ${url} does not answer (${why}): the master key is there`, {
      problem: 'master_key_unavailable',
      retryAfterSeconds: 10,
      cause,
    })

  async function once(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Answer | null }> {
    let response: Response
    try {
      response = await fetch(`${url.replace(/\/$/, '')}/v1/${mount}/${path}`, {
        method,
        headers: {
          'x-vault-token': settings.token(),
          'x-vault-request': 'true',
          'content-type': 'application/json',
          ...(settings.namespace === undefined ? {} : { 'x-vault-namespace': settings.namespace }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      })
    } catch (cause) {
      throw unavailable(cause instanceof Error ? cause.name : 'no answer', cause)
    }
    const text = await response.text()
    // Sealed, in standby or over its limit: it may answer soon.
    if ([412, 429, 472, 473, 500, 502, 503].includes(response.status)) throw unavailable(`status ${response.status}`)
    try {
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as Answer) }
    } catch (cause) {
      throw unavailable(`status ${response.status}, no JSON`, cause)
    }
  }

  async function call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Data | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await once(method, path, body)
        if (answer.status < 300) return answer.body?.data ?? null
        if (answer.status === 404 && method === 'GET') return null
        const says = answer.body?.errors?.join('; ') ?? ''
        throw answer.status === 403
          ? new AppError('invalid', `the vault at ${url} refuses the token for ${mount}/${path}: give another one`, {
              problem: 'master_key_refused',
            })
          : new AppError('invalid', `the vault at ${url} refuses ${mount}/${path}: ${says}`, {
              problem: 'master_key_wrong',
            })
      } catch (error) {
        if (attempt >= attempts || !(error instanceof AppError) || error.code !== 'unavailable') throw error
        await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 ** attempt))
      }
    }
  }

  const known = () => call('GET', `keys/${key}`)
  const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
  async function newest(): Promise<number> {
    const found = await known()
    if (found?.latest_version !== undefined) return found.latest_version
    throw new AppError(
      'invalid',
      `the vault at ${url} has no key ${mount}/${key}, and this database was sealed with it: name the right one in SMARTRETURNS_VAULT_KEY`,
      { problem: 'master_key_missing' },
    )
  }

  function textOf(data: Data | null, name: 'ciphertext' | 'plaintext'): string {
    const text = data?.[name]
    if (typeof text === 'string') return text
    throw unavailable(`an answer without ${name}`)
  }

  return {
    engine: 'vault',
    place,
    wrap: async (plain, name) => {
      // A vault would make a key that it has not, and nobody would see that the name is wrong.
      await newest()
      const body = { plaintext: base64(plain), associated_data: base64(name) }
      return textOf(await call('POST', `encrypt/${key}`, body), 'ciphertext')
    },
    unwrap: async (wrapped, name) => {
      const body = { ciphertext: wrapped, associated_data: base64(name) }
      try {
        return Buffer.from(textOf(await call('POST', `decrypt/${key}`, body), 'plaintext'), 'base64')
      } catch (error) {
        if (!(error instanceof AppError) || error.problem !== 'master_key_wrong') throw error
        const detail = `the key ${mount}/${key} in the vault at ${url} is not the one that this database was sealed with: name the right one in SMARTRETURNS_VAULT_KEY`
        throw new AppError('invalid', detail, { problem: 'master_key_wrong', cause: error })
      }
    },
    isStale: async (wrapped) => Number(/^vault:v(\d+):/.exec(wrapped)?.[1] ?? 0) < (await newest()),
    create: async () => {
      if ((await known()) === null) await call('POST', `keys/${key}`, { type: 'aes256-gcm96' })
    },
    renew: async () => void (await call('POST', `keys/${key}/rotate`)),
    retire: async () => {
      const version = await newest()
      await call('POST', `keys/${key}/config`, { min_decryption_version: version, min_encryption_version: version })
    },
  }
}

/** Wraps by the first; opens what the second wrapped, so that a rotation moves an installation from one to the other. */
export function openMovingMasterKey(to: MasterKey, from: MasterKey, isOf: (wrapped: string) => boolean): MasterKey {
  return {
    ...to,
    unwrap: (wrapped, name) => (isOf(wrapped) ? from.unwrap(wrapped, name) : to.unwrap(wrapped, name)),
    isStale: async (wrapped) => isOf(wrapped) || (await to.isStale(wrapped)),
  }
}
