import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export type Authority = {
  readonly folder: string
  /** File with the certificate of the authority. */
  readonly ca: string
  readonly issue: (name: string, hosts: readonly string[]) => { readonly cert: string; readonly key: string }
}

/** False, with the reason told to the runner, where there is no openssl; CI promises it. */
export function hasOpenssl(t: TestContext): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    if (process.env['REQUIRE_ENGINES'] === '1') assert.fail('no openssl')
    t.skip('no openssl')
    return false
  }
}

/** A certificate authority of the test's own; its files go with the test. */
export function openAuthority(t: Pick<TestContext, 'after'>): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-ca-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority')
  return {
    folder,
    ca: join(folder, 'ca.pem'),
    issue: (name, hosts) => {
      const names = hosts.map((host) => `${/^[\d.]+$/.test(host) ? 'IP' : 'DNS'}:${host}`).join(',')
      writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`)
      run('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
      const sign = ['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
      run(...sign, '-out', `${name}.pem`, '-days', '2', '-extfile', `${name}.ext`)
      return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
    },
  }
}
