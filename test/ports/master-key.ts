import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import type { MasterKey } from '#platform/secrets/port.ts'

export type OpenedMasterKey = {
  readonly master: MasterKey
  /** The same key in another process. */
  readonly another: () => MasterKey
  /** Another key of the same engine, made already. */
  readonly stranger: () => Promise<MasterKey>
}

const refused = (problem: string) => (error: unknown) => error instanceof AppError && error.problem === problem

/** What every engine of the master key keeps to. */
export function masterKeySuite(
  engine: string,
  open: (t: TestContext) => Promise<OpenedMasterKey>,
  skip: string | false = false,
): void {
  void test(`master key: ${engine}`, { skip }, async (t) => {
    const { master, another, stranger } = await open(t)
    const secret = randomBytes(32)

    await t.test('there is none until it is made, and it is made once', async () => {
      await assert.rejects(master.wrap(secret, 'a'), refused('master_key_missing'))
      await master.create()
      const wrapped = await master.wrap(secret, 'a')
      await another().create()
      assert.ok(secret.equals(await another().unwrap(wrapped, 'a')))
      assert.equal(await master.isStale(wrapped), false)
    })
    await t.test('a wrapped key opens under its own name alone, and only whole', async () => {
      const wrapped = await master.wrap(secret, 'a')
      assert.notEqual(wrapped, await master.wrap(secret, 'a'))
      assert.ok(!wrapped.includes(secret.toString('base64')))
      await assert.rejects(master.unwrap(wrapped, 'b'))
      const at = wrapped.length - 6
      const changed = wrapped.slice(0, at) + (wrapped[at] === 'A' ? 'B' : 'A') + wrapped.slice(at + 1)
      await assert.rejects(master.unwrap(changed, 'a'))
    })
    await t.test('another key does not open it, and says so', async () => {
      const wrapped = await master.wrap(secret, 'a')
      await assert.rejects((await stranger()).unwrap(wrapped, 'a'), refused('master_key_wrong'))
    })
    await t.test('after a renewal the old opens still, until the old is retired', async () => {
      const old = await master.wrap(secret, 'a')
      await master.renew()
      assert.equal(await another().isStale(old), true)
      assert.ok(secret.equals(await another().unwrap(old, 'a')))
      const fresh = await another().wrap(secret, 'a')
      assert.equal(await master.isStale(fresh), false)
      await master.retire()
      await assert.rejects(another().unwrap(old, 'a'), refused('master_key_wrong'))
      assert.ok(secret.equals(await another().unwrap(fresh, 'a')))
    })
  })
}
