import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openTestApp } from '../support/app.ts'
import { givenClient } from '../support/given.ts'

test('the command line finds, exports and erases persons, keeps the times, reports a breach and turns keys', async (t) => {
  const app = await openTestApp(t)
  // A process of its own has a clock of its own.
  app.ctx.clock.ms = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-privacy-cli-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const script = join(import.meta.dirname, '..', 'support', 'privacy-cli.ts')
  const child = fork(script, [app.ctx.db.connectionString, app.masterKeyFile, join(folder, 'blobs')])
  t.after(() => child.kill())
  const run = async (...words: string[]): Promise<{ code: number; out: string; err: string }> => {
    child.send(words)
    const [done] = await once(child, 'message')
    return done
  }
  const clientId = await givenClient(app.ctx)
  const admin = await app.as('admin')
  const submitted = await admin('POST', '/api/returns', {
    clientId,
    clientRef: 'CLI-1',
    title: 'Cotton kurta',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79900, currency: 'INR' },
    reasonCode: 'size_or_fit',
    customer: { name: 'Asha Kumari', email: 'asha@example.com' },
  })
  assert.equal(submitted.status, 201, submitted.text)
  const search = join(folder, 'search.json')
  writeFileSync(search, JSON.stringify({ name: 'asha kumari' }))

  const found = await run('privacy', 'find', search, '--json')
  assert.equal(found.code, 0, found.err)
  const { id } = JSON.parse(found.out).data[0]
  assert.doesNotMatch(found.out, /Kumari|asha@/)
  writeFileSync(search, '{"colour": "red"}')
  assert.match((await run('privacy', 'find', search)).err, /say by what|colour/)

  const file = join(folder, 'person.csv')
  assert.equal((await run('privacy', 'export', id, file)).code, 0)
  assert.match(readFileSync(file, 'utf8'), /returns\[0\]\.customer\.name,Asha Kumari/)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal((await run('privacy', 'export', id, file)).code, 1, 'nothing is written over')

  const breach = await run('privacy', 'breach', '--since', '2020-01-01')
  assert.match(breach.out, /Persons affected: 1\n/)
  const policies = JSON.parse((await run('privacy', 'retention', 'list', '--json')).out)
  assert.equal(policies.length, 14)
  const dry = JSON.parse((await run('privacy', 'retention', 'run', '--class', 'jobs', '--json')).out)
  assert.deepEqual([dry.isDryRun, dry.results.length], [true, 1])
  assert.match(
    (await run('privacy', 'retention', 'run', '--class', 'all')).err,
    /no such class: all; there are customer_data/,
  )
  assert.match((await run('privacy', 'retention', 'runs')).out, /dry run/)

  assert.match((await run('privacy', 'erase', id, '--confirm', 'yes')).err, /--confirm erase/)
  assert.match((await run('privacy', 'erase', id, '--confirm', 'erase')).err, /still on their way/)
  const erased = await run('privacy', 'erase', id, '--confirm', 'erase', '--even-if-open')
  assert.match(erased.out, /: 1 returns, 0 files$/)
  assert.equal((await admin('GET', `/api/returns/${submitted.body.id}`)).body.customer, null)

  const rotated = JSON.parse((await run('keys', 'rotate', '--json')).out)
  assert.equal(rotated.isResumed, false)
  const status = JSON.parse((await run('keys', 'status', '--json')).out)
  assert.deepEqual([status.engine, status.isRotating, status.keys.length], ['file', false, 4])
  assert.match((await run('keys', 'retire')).out, /less than 10 minutes ago/)
})
