import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLeader } from '#platform/db/leader.ts'
import { testDatabase } from '../support/database.ts'

const log = { info: () => undefined, warn: () => undefined }

async function until(what: string, holds: () => boolean): Promise<number> {
  const began = performance.now()
  for (; !holds(); await sleep(20)) if (performance.now() - began > 15_000) assert.fail(`never: ${what}`)
  return performance.now() - began
}

test('one of many processes leads; who closes or loses its session is followed within seconds', async (t) => {
  const db = await testDatabase(t)
  const running = new Set<string>()
  let most = 0
  const open = async (test: TestContext, name: string) => {
    const leader = openLeader({
      connectionString: db.connectionString,
      log,
      metrics: { gauge: () => undefined },
      lead: () => {
        running.add(name)
        most = Math.max(most, running.size)
        return Promise.resolve(() => {
          running.delete(name)
          return Promise.resolve()
        })
      },
    })
    test.after(() => leader.close())
    await leader.start()
    return leader
  }
  const one = await open(t, 'one')
  const two = await open(t, 'two')
  const three = await open(t, 'three')
  assert.deepEqual([one.isLeading(), two.isLeading(), three.isLeading()], [true, false, false])

  await one.close()
  const afterClose = await until('another leads', () => two.isLeading() || three.isLeading())
  assert.ok(afterClose < 3000, `${afterClose} ms`)
  const [second, third] = two.isLeading() ? [two, three] : [three, two]
  assert.equal(third.isLeading(), false)

  assert.equal(most, 1)

  await t.test('a session that the server ended leads no more, and one of them leads again', async () => {
    await db.owner.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'smartreturns-leader' and datname = current_database()",
    )
    await until('it is noticed', () => running.size === 0)
    await until('one leads again', () => running.size === 1)
    await sleep(1500)
    assert.equal([second, third].filter((leader) => leader.isLeading()).length, 1)
    assert.equal(running.size, 1)
  })
  await t.test('a leader keeps its session by its own word, each second', async () => {
    const [row] = await db.owner.query<{ n: number }>(
      "select count(*)::int as n from pg_stat_activity where application_name = 'smartreturns-leader' and datname = current_database()",
    )
    assert.equal(row!.n, 2, 'a session each')
    const leading = [second, third].find((leader) => leader.isLeading())!
    await sleep(6500)
    assert.equal(leading.isLeading(), true, 'longer than the server waits for a silent one')
  })
})
