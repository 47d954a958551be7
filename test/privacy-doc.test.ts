import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { dataClasses } from '#contracts/retention.ts'
import { privacyCommandNames } from './support/privacy-commands.ts'

const root = resolve(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'privacy.md'), 'utf8')
const tests = globSync(['test/**/*.ts', 'src/**/*.test.ts'], { cwd: root }).map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}))

test('docs/privacy.md names tests that there are', () => {
  const named = [...page.matchAll(/`([\w/*.-]+\.ts)`/g)].map((match) => match[1]!).filter((path) => /test/.test(path))
  assert.ok(named.length > 20)
  for (const path of named) {
    const found = path.includes('*')
      ? globSync(path, { cwd: root }).length > 0
      : tests.some((each) => each.path === path || each.path.endsWith(`/${path}`))
    assert.ok(found, `${path} is not there`)
  }
})

test('docs/privacy.md quotes titles of tests that there are', () => {
  const quoted = [...page.matchAll(/(?:privacy|same|retention(?:\.test)?|secrets\.ts`) ?\(?,? ?"([^"]+)"/g)].map(
    (match) => match[1]!,
  )
  assert.ok(quoted.length > 12, String(quoted.length))
  for (const words of quoted)
    assert.ok(
      tests.some(({ text }) => text.includes(words)),
      `no test says "${words}"`,
    )
})

test('docs/privacy.md tells the figures of retention and the commands as they are', () => {
  const told =
    /end ([\d,]+) days after the last step.*?notes after (\d+), photos after (\d+), refused rows after (\d+), reports (\d+), stored answers (\d+), sessions (\d+), deliveries of webhooks (\d+)/s.exec(
      page,
    )
  assert.ok(told)
  const { customer_data, staff_notes, photos, import_errors, reports, idempotency_keys, sessions, webhook_deliveries } =
    dataClasses
  assert.deepEqual(
    told.slice(1).map((text) => Number(text.replace(',', ''))),
    [customer_data, staff_notes, photos, import_errors, reports, idempotency_keys, sessions, webhook_deliveries].map(
      (each) => each.days,
    ),
  )
  for (const name of privacyCommandNames()) assert.match(page, new RegExp(`\\b${name}\\b`), `${name} is not told`)
})
