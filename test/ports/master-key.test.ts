import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { openSecrets } from '#platform/secrets/local.ts'
import { openFileMasterKey } from '#platform/secrets/master-key-file.ts'
import { openMovingMasterKey, openVaultMasterKey } from '#platform/secrets/vault-master-key.ts'
import { openTestContext } from '../support/context.ts'
import { engineUrl } from '../support/engines.ts'
import { givenClient } from '../support/given.ts'
import { openVaultServer } from '../support/vault-server.ts'
import { masterKeySuite } from './master-key.ts'
import { secretsSuite } from './secrets.ts'

const newName = () => `test-${randomBytes(6).toString('hex')}`

function newFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-master-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'keys', 'master.key')
}

masterKeySuite('file', async (t) => {
  const [path, other] = [newFile(t), newFile(t)]
  return {
    master: openFileMasterKey(path),
    another: () => openFileMasterKey(path),
    stranger: async () => {
      const master = openFileMasterKey(other)
      await master.create()
      return master
    },
  }
})

function onVault(url: string, token: string) {
  const named = (key: string) => openVaultMasterKey({ url, mount: 'transit', key, token: () => token })
  const own = newName()
  return {
    master: named(own),
    another: () => named(own),
    stranger: async () => {
      const master = named(newName())
      await master.create()
      return master
    },
  }
}

masterKeySuite('vault, in a server of the tests', async (t) => {
  const { url, token } = await openVaultServer(t)
  return onVault(url, token)
})

const real = engineUrl('VAULT_URL')
masterKeySuite('vault, OpenBao', async () => onVault(real.url, engineUrl('VAULT_TOKEN').url), real.absent)

secretsSuite('vault', async (t) => {
  const ctx = await openTestContext(t)
  const { db, now } = ctx
  const { url, token } = await openVaultServer(t)
  const master = () => openVaultMasterKey({ url, mount: 'transit', key: 'smartreturns', token: () => token })
  const another = () => openSecrets({ db, master: master(), now, keysKept: 25 })
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

test('a vault that is away, sealed or refuses: nothing starts, what runs goes on', async (t) => {
  const ctx = await openTestContext(t)
  const { db, now } = ctx
  const clientId = await givenClient(ctx)
  const server = await openVaultServer(t)
  const open = (change: { token?: string; key?: string; url?: string } = {}) =>
    openSecrets({
      db,
      now,
      master: openVaultMasterKey({
        url: change.url ?? server.url,
        mount: 'transit',
        key: change.key ?? 'smartreturns',
        token: () => change.token ?? server.token,
        timeoutMs: 500,
      }),
    })
  const running = await open()
  const place = { table: 'return_items', row: '1', field: 'customer' }
  const problemOf = async (work: Promise<unknown>): Promise<AppError> => {
    const error = await work.then(
      () => assert.fail('it started'),
      (thrown: unknown) => thrown,
    )
    return error instanceof AppError ? error : assert.fail(String(error))
  }

  await t.test('one clear line for each reason, without the token', async () => {
    for (const [change, problem] of [
      [{ token: 'wrong-token' }, 'master_key_refused'],
      [{ key: 'another' }, 'master_key_wrong'],
      [{ url: 'http://127.0.0.1:1' }, 'master_key_unavailable'],
    ] as const) {
      const error = await problemOf(open(change))
      assert.equal(error.problem, problem)
      assert.ok(!error.message.includes('\n') && !error.message.includes('token-') && error.message.length < 250)
    }
    server.fail(503)
    assert.equal((await problemOf(open())).problem, 'master_key_unavailable')
  })
  await t.test('new persons are sealed and old ones opened while the vault is sealed', async () => {
    server.fail(503)
    const before = server.calls()
    const personId = running.personId(clientId, 'asha')
    const [sealed] = await running.seal([{ personId, clientId, plain: 'Asha', place }])
    assert.deepEqual(await running.open([{ personId, sealed: sealed!, place }]), ['Asha'])
    assert.equal(server.calls(), before)
    server.fail(null)
  })
})

test('an installation moves from a file to a vault', async (t) => {
  const ctx = await openTestContext(t)
  const { db, now } = ctx
  const file = openFileMasterKey(newFile(t))
  await openSecrets({ db, now, master: file })
  const { url, token } = await openVaultServer(t)
  const vault = openVaultMasterKey({ url, mount: 'transit', key: 'smartreturns', token: () => token })
  const moving = openMovingMasterKey(vault, file, (wrapped) => wrapped.startsWith('file.'))
  const opened = await openSecrets({ db, now, master: moving })
  assert.equal(opened.engine, 'vault')
  const [row] = await db.query<{ wrapped: string }>('select wrapped from wrapping_keys limit 1')
  assert.equal(await moving.isStale(row!.wrapped), true)
})
