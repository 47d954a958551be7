import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { openTestContext } from '../support/context.ts'
import { testDatabase } from '../support/database.ts'
import { givenClient } from '../support/given.ts'
import { secretsSuite } from './secrets.ts'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-secrets-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

secretsSuite('file', async (t) => {
  const ctx = await openTestContext(t)
  const { db, now } = ctx
  const masterKeyFile = join(newFolder(t), 'master.key')
  const another = () => openLocalSecrets({ db, masterKeyFile, now, keysKept: 25 })
  return {
    secrets: await another(),
    another,
    clientId: await givenClient(ctx),
    erase: async (ids) => {
      await db.query('update person_keys set wrapped_key = null, erased_at = now() where person_id = any($1)', [ids])
    },
    forget: async (ids) => {
      await db.query('delete from person_keys where person_id = any($1)', [ids])
    },
    restrict: async (ids, isRestricted) => {
      await db.query('update person_keys set restricted_at = $2 where person_id = any($1)', [
        ids,
        isRestricted ? new Date() : null,
      ])
    },
  }
})

test('the master key: made once, for its owner alone, and nothing starts without the right one', async (t) => {
  const db = await testDatabase(t)
  const folder = newFolder(t)
  const masterKeyFile = join(folder, 'keys', 'master.key')
  const open = (file = masterKeyFile) => openLocalSecrets({ db, masterKeyFile: file, now: Date.now })
  const problemOf = async (work: Promise<unknown>): Promise<AppError> => {
    const error = await work.then(
      () => assert.fail('it started'),
      (thrown: unknown) => thrown,
    )
    return error instanceof AppError ? error : assert.fail(String(error))
  }

  await t.test('two processes that start together agree on one key', async () => {
    const opened = await Promise.all([open(), open(), open()])
    assert.equal(statSync(masterKeyFile).mode & 0o777, 0o600)
    assert.equal(Buffer.from(readFileSync(masterKeyFile, 'utf8'), 'base64').length, 32)
    const sealed = opened[0].sealBytes(Buffer.from('signing key'))
    for (const secrets of opened) assert.equal(secrets.openBytes(sealed).toString(), 'signing key')
    assert.deepEqual(opened[0].deriveKey('cursors'), (await open()).deriveKey('cursors'))
    assert.notDeepEqual(opened[0].deriveKey('cursors'), opened[0].deriveKey('other'))
  })
  await t.test('no key is written into the database', async () => {
    const key = Buffer.from(readFileSync(masterKeyFile, 'utf8'), 'base64')
    const rows = await db.query<{ text: string }>(
      `select encode(sealed, 'base64') || encode(sealed, 'escape') as text from installation_secrets union all select wrapped from wrapping_keys`,
    )
    assert.ok(rows.length >= 4 && rows.every((row) => !row.text.includes(key.toString('base64'))))
  })
  await t.test('missing, wrong and malformed are refused; the file and the way out are named', async () => {
    const missing = join(folder, 'elsewhere.key')
    const wrong = join(folder, 'wrong.key')
    writeFileSync(wrong, randomBytes(32).toString('base64'))
    const short = join(folder, 'short.key')
    writeFileSync(short, randomBytes(31).toString('base64'))
    for (const [file, problem] of [
      [missing, 'master_key_missing'],
      [wrong, 'master_key_wrong'],
      [short, 'master_key_invalid'],
    ] as const) {
      const error = await problemOf(open(file))
      assert.equal(error.problem, problem)
      assert.ok(error.message.includes(file), error.message)
      assert.match(error.message, /SMARTRETURNS_MASTER_KEY_FILE/)
    }
    assert.equal(existsSync(missing), false, 'no second key is made where data were sealed already')
  })
})
