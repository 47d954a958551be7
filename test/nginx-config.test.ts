import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const nginx = '/usr/sbin/nginx'
const isThere = existsSync(nginx)
if (!isThere && process.env['REQUIRE_ENGINES'] === '1') throw new Error('npm run engines installs nginx')

test(
  'the configuration is what nginx takes, and servers that are not ready are left out',
  { skip: isThere ? false : 'nginx is not installed: npm run engines installs it' },
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'smartreturns-nginx-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'nginx.conf')
    const script = join(import.meta.dirname, '..', 'deploy', 'nginx', 'config.ts')
    const make = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
    const made = make('--listen', '8443', '--servers', '10.0.0.1:3000,10.0.0.2:3000')
    assert.equal(made.status, 0, made.stderr)
    writeFileSync(file, made.stdout)
    const tested = spawnSync(nginx, ['-t', '-c', file, '-e', join(folder, 'log'), '-g', `pid ${folder}/pid;`], {
      encoding: 'utf8',
    })
    assert.equal(tested.status, 0, tested.stderr)
    assert.match(make('--servers', '127.0.0.1:1', '--only-ready').stderr, /no server is ready/)
    assert.match(make('--servers', 'x; } evil').stderr, /not host:port/)
  },
)
