import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Jobs, Retries } from '#platform/jobs/port.ts'

export type OpenJobs = (t: TestContext) => Promise<{ readonly open: () => Promise<Jobs> }>

/** Short waits; pg-boss counts in whole seconds. */
export const quickRetries: Retries = { attempts: 3, firstWaitMs: 1000, longestWaitMs: 2000 }

export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end) assert.fail(`${what} did not come about`)
  }
}

/** What every engine of jobs keeps to; `open` opens the queue as one more process would. */
export function jobsSuite(engine: string, set: OpenJobs, skip: string | false = false): void {
  void test(`jobs: ${engine}`, { skip }, async (t) => {
    const { open } = await set(t)
    const [one, two] = [await open(), await open()]
    const seen: string[] = []
    const has =
      (...wanted: string[]) =>
      () =>
        wanted.every((w) => seen.includes(w)) ? true : undefined

    await t.test('what waits is done, whoever sent it, and once though it is sent twice with one id', async () => {
      const id = '01a00000-0000-7000-8000-000000000001'
      await one.send('plain', { n: 1 }, { id })
      await two.send('plain', { n: 1 }, { id })
      await one.send('plain', { n: 2 })
      for (const jobs of [one, two])
        await jobs.work('plain', (input, jobId) => {
          seen.push(`plain ${String(input['n'])}${jobId === id ? ' own id' : ''}`)
          return Promise.resolve()
        })
      await until('both jobs', has('plain 1 own id', 'plain 2'))
      await two.send('plain', { n: 1 }, { id })
      await two.send('plain', { n: 3 })
      await until('the third job', has('plain 3'))
      assert.equal(seen.filter((s) => s.startsWith('plain 1')).length, 1)
    })
    await t.test('an id may hold any signs', async () => {
      const ids = ['day:2026/11/27', 'day:2026/11/28', '4711', 'a@b']
      for (const id of [...ids, ...ids]) await one.send('named', { id }, { id })
      const named: unknown[] = []
      await two.work('named', ({ id }) => Promise.resolve(void named.push(id)))
      await until('the named jobs', () => (ids.every((id) => named.includes(id)) ? true : undefined))
      assert.deepEqual(
        named.toSorted((a, b) => String(a).localeCompare(String(b))),
        ids.toSorted((a, b) => a.localeCompare(b)),
      )
    })
    await t.test('of what waits the more urgent is begun first', async () => {
      for (const [name, priority] of [
        ['low', 0],
        ['middle', 4],
        ['high', 9],
      ] as const)
        await one.send('urgent', { name }, { priority })
      const order: unknown[] = []
      await two.work('urgent', ({ name }) => {
        order.push(name)
        return Promise.resolve()
      })
      await until('three jobs', () => (order.length === 3 ? true : undefined))
      assert.deepEqual(order, ['high', 'middle', 'low'])
    })
    await t.test('what fails is tried again later, and is a dead letter with its reason in the end', async () => {
      const tries: number[] = []
      let isMended = false
      const ids: string[] = []
      await one.work('shaky', (_input, jobId) => {
        ids.push(jobId)
        tries.push(Date.now())
        return isMended ? Promise.resolve() : Promise.reject(new Error(`no try ${tries.length} works`))
      })
      await two.send('shaky', { unit: 'u-1' }, { id: 'unit:u-1/shaky' })
      const letter = await until('a dead letter', async () => (await two.deadLetters(10))[0])
      assert.equal(tries.length, quickRetries.attempts)
      assert.ok(tries[1]! - tries[0]! >= 400, `the second try came after ${tries[1]! - tries[0]!} ms`)
      assert.deepEqual(
        [letter.kind, letter.input, letter.reason, letter.attempts],
        ['shaky', { unit: 'u-1' }, 'no try 3 works', 3],
      )
      isMended = true
      assert.equal(await one.replay(letter.id), true)
      await until('the replay', () => (tries.length === 4 ? true : undefined))
      await until('no dead letter', async () => ((await one.deadLetters(10)).length === 0 ? true : undefined))
      assert.equal(new Set(ids.slice(0, 3)).size, 1, 'tries are of one job')
      assert.notEqual(ids[3], ids[0], 'a replay is a new job')
      for (const gone of [letter.id, 'nothing', `${ids[0]}@none`, 'nothing@shaky', `${ids[0]}/shaky`, '@shaky', ''])
        assert.equal(await two.replay(gone), false, `what is not there is not sent again: ${gone}`)
    })
    await t.test('a replay has all its tries, and is a dead letter of its own when it fails again', async () => {
      let tries = 0
      await one.work('hopeless', () => Promise.reject(new Error(`try ${++tries}`)))
      await two.send('hopeless', {}, { id: 'hope/less:1' })
      const newest = async (reason: string) => (await two.deadLetters(10)).find((letter) => letter.reason === reason)
      const first = await until('the first dead letter', () => newest('try 3'))
      const both = await Promise.all([one.replay(first.id), two.replay(first.id)])
      assert.equal(both.filter(Boolean).length, 1, 'of two replays at once one counts')
      const second = await until('the second dead letter', () => newest('try 6'))
      assert.deepEqual([second.kind, second.attempts], ['hopeless', 3])
      assert.notEqual(second.id, first.id)
      assert.equal((await two.deadLetters(10)).length, 1)
    })
    await t.test('closing waits for what is under way', async () => {
      const three = await open()
      let isDone = false
      let isBegun = false
      await three.work('slow', async () => {
        isBegun = true
        await sleep(700)
        isDone = true
      })
      await one.send('slow', {})
      await until('the slow job', () => (isBegun ? true : undefined))
      await three.close()
      assert.ok(isDone)
    })
  })
}
