import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hashPages } from './csp.ts'

test('every inline script and style of a page is hashed, scripts with a source are not', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'csp-'))
  t.after(() => rmSync(dir, { recursive: true }))
  mkdirSync(join(dir, 'server', 'app', 'returns'), { recursive: true })
  writeFileSync(join(dir, 'BUILD_ID'), 'b1\n')
  const page =
    '<script src="/a.js" async=""></script><script>one()</script><script id="x">two()</script><script>one()</script>' +
    '<style data-x>a{color:red}</style><script>three("<style>no</style>")</script>'
  writeFileSync(join(dir, 'server', 'app', 'returns', 'new.html'), page)
  writeFileSync(join(dir, 'server', 'app', 'index.html'), '<p>none</p>')
  const hash = (code: string) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`
  assert.deepEqual(hashPages(dir), {
    buildId: 'b1',
    pages: {
      '/': { scripts: [], styles: [] },
      '/returns/new': {
        scripts: [hash('one()'), hash('two()'), hash('three("<style>no</style>")')],
        styles: [hash('a{color:red}')],
      },
    },
  })
})
