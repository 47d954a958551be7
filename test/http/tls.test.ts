import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { readTls, watchTls } from '../../src/app/tls.ts'
import { openTestApp } from '../support/app.ts'
import { hasOpenssl, openAuthority } from '../support/certificates.ts'

type Got = { readonly status: number; readonly headers: Record<string, unknown>; readonly serial: string }

test('the program speaks TLS by itself, and takes a new certificate without a restart', async (t) => {
  if (!hasOpenssl(t)) return
  const authority = openAuthority(t)
  const [first, second] = [authority.issue('first', ['localhost']), authority.issue('second', ['localhost'])]
  const files = { cert: join(authority.folder, 'live.pem'), key: join(authority.folder, 'live.key') }
  const put = (pair: typeof first) => {
    copyFileSync(pair.cert, files.cert)
    copyFileSync(pair.key, files.key)
  }
  put(first)
  const app = await openTestApp(t, { SMARTRETURNS_TLS_CERT: files.cert, SMARTRETURNS_TLS_KEY: files.key })
  await app.as('admin')
  await app.server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.server.address() as AddressInfo
  const ca = readFileSync(authority.ca)
  const ask = (path: string, options: https.RequestOptions = {}, payload?: string) =>
    new Promise<Got>((resolve, reject) => {
      const request = https.request(
        { host: '127.0.0.1', servername: 'localhost', port, path, ca, agent: false, ...options },
        (response) => {
          const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate()
          response
            .resume()
            .on('end', () =>
              resolve({ status: response.statusCode ?? 0, headers: response.headers, serial: serialNumber }),
            )
        },
      )
      request.on('error', reject)
      request.end(payload)
    })
  const serialOf = (pair: typeof first) => new X509Certificate(readFileSync(pair.cert)).serialNumber

  await t.test('HSTS and secure cookies, no word in clear, nothing older than TLS 1.2', async () => {
    const answer = await ask('/api/version')
    assert.equal(answer.status, 200)
    assert.equal(answer.serial, serialOf(first))
    assert.match(String(answer.headers['strict-transport-security']), /max-age=31536000/)
    const login = await ask(
      '/api/auth/login',
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      JSON.stringify({ email: 'admin1@example.test', password: 'a pass phrase of the tests' }),
    )
    assert.equal(login.status, 200)
    for (const cookie of login.headers['set-cookie'] as string[]) assert.match(cookie, /; Secure/)
    await assert.rejects(ask('/', { ca: [] }), /self-signed|unable to/)
    await assert.rejects(fetch(`http://127.0.0.1:${port}/api/version`))
    const old = await new Promise<string>((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
        ciphers: 'ALL:@SECLEVEL=0',
        rejectUnauthorized: false,
      })
      socket.on('secureConnect', () => resolve('connected'))
      socket.on('error', () => resolve('refused'))
    })
    assert.equal(old, 'refused')
  })

  await t.test('a renewed pair serves once both files fit; until then the old one does', async () => {
    const said: string[] = []
    const log = {
      info: (_: object, text: string) => void said.push(text),
      warn: (_: object, text: string) => void said.push(text),
    }
    const stop = watchTls(app.server.server as unknown as https.Server, files, readTls(files), log, 20)
    t.after(stop)
    copyFileSync(second.cert, files.cert)
    await pause(200)
    assert.equal((await ask('/api/version')).serial, serialOf(first))
    assert.deepEqual(said, ['the certificate was changed and does not fit; the old one serves on'])
    writeFileSync(files.key, 'half a key')
    await pause(100)
    assert.equal((await ask('/api/version')).serial, serialOf(first))
    put(second)
    await pause(200)
    assert.equal((await ask('/api/version')).serial, serialOf(second))
    assert.equal(said.at(-1), 'a new certificate serves')
  })

  await t.test('files that do not fit, or are not there, stop the start', async () => {
    const wrong = { SMARTRETURNS_TLS_CERT: first.cert, SMARTRETURNS_TLS_KEY: second.key }
    await assert.rejects(openTestApp(t, wrong), /is not that of the certificate/)
    const missing = { SMARTRETURNS_TLS_CERT: '/nothing/here.pem', SMARTRETURNS_TLS_KEY: second.key }
    await assert.rejects(openTestApp(t, missing), /SMARTRETURNS_TLS_CERT.*cannot be read/)
  })
})
