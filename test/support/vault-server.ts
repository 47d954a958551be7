import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

type TransitKey = { readonly versions: Buffer[]; minDecryption: number; minEncryption: number }

/**
 * The part of Vault's transit engine that we speak to, on loopback: named aes256-gcm96 keys with versions, associated data,
 * and Vault's own words where it refuses. What a real server answers is held against it by the tests of the master key.
 */
export async function openVaultServer(t: Pick<TestContext, 'after'>) {
  const token = randomBytes(12).toString('hex')
  const keys = new Map<string, TransitKey>()
  const state = { status: null as number | null, calls: 0 }

  const send = (response: ServerResponse, status: number, body?: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
  const refuse = (response: ServerResponse, status: number, ...errors: string[]) => send(response, status, { errors })

  function crypt(response: ServerResponse, verb: string, key: TransitKey, body: any): void {
    const aad = Buffer.from(String(body.associated_data ?? ''), 'base64')
    if (verb === 'encrypt') {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key.versions.at(-1)!, nonce).setAAD(aad)
      const plain = Buffer.from(String(body.plaintext), 'base64')
      const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
      const version = key.versions.length
      const ciphertext = `vault:v${version}:${bytes.toString('base64')}`
      return send(response, 200, { data: { ciphertext, key_version: version } })
    }
    const match = /^vault:v(\d+):(.+)$/.exec(String(body.ciphertext))
    if (match === null) return refuse(response, 400, 'invalid ciphertext: no prefix')
    const version = Number(match[1])
    if (version < key.minDecryption)
      return refuse(response, 400, 'ciphertext or signature version is disallowed by policy (too old)')
    const secret = key.versions[version - 1]
    if (secret === undefined) return refuse(response, 400, 'invalid ciphertext: version is too new')
    const bytes = Buffer.from(match[2]!, 'base64')
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12)).setAAD(aad)
      decipher.setAuthTag(bytes.subarray(-16))
      const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
      send(response, 200, { data: { plaintext: plain.toString('base64') } })
    } catch {
      refuse(response, 400, 'cipher: message authentication failed')
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    state.calls += 1
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (state.status !== null) return refuse(response, state.status, 'Vault is sealed')
    if (request.headers['x-vault-token'] !== token) return refuse(response, 403, 'permission denied')
    const text = Buffer.concat(chunks).toString()
    const body = text === '' ? {} : JSON.parse(text)
    const [verb = '', name = '', action] = (request.url ?? '').replace('/v1/transit/', '').split('/')
    // As Vault does for a token that may create keys.
    if (verb === 'encrypt' && !keys.has(name))
      keys.set(name, { versions: [randomBytes(32)], minDecryption: 1, minEncryption: 0 })
    const key = keys.get(name)
    const asked = `${request.method} ${verb}${action === undefined ? '' : `/${action}`}`
    if (asked === 'POST keys') {
      if (key === undefined) keys.set(name, { versions: [randomBytes(32)], minDecryption: 1, minEncryption: 0 })
      return send(response, 204)
    }
    if (key === undefined)
      return asked === 'GET keys' ? refuse(response, 404) : refuse(response, 400, 'encryption key not found')
    switch (asked) {
      case 'GET keys':
        return send(response, 200, {
          data: {
            name,
            type: 'aes256-gcm96',
            latest_version: key.versions.length,
            min_decryption_version: key.minDecryption,
          },
        })
      case 'POST keys/rotate':
        key.versions.push(randomBytes(32))
        return send(response, 204)
      case 'POST keys/config':
        key.minDecryption = Number(body.min_decryption_version)
        return send(response, 204)
      case 'POST encrypt':
      case 'POST decrypt':
        return crypt(response, verb, key, body)
      default:
        return refuse(response, 404)
    }
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => new Promise((done) => server.close(done)))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    /** Answers everything with this status, as a vault that is sealed or away; null ends that. */
    fail: (status: number | null) => {
      state.status = status
    },
    calls: () => state.calls,
  }
}
