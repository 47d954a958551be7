import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import { until } from '../ports/jobs.ts'
import { assertAccessible, atRest, hasBrowser, openBrowser, signIn, picture } from '../support/browser.ts'
import { testDatabase } from '../support/database.ts'
import { silentLog } from '../support/fakes.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 300_000

/** A queue of a second process beside the server's, with jobs that fail at first for good. */
async function givenDeadLetters(t: TestContext, connectionString: string) {
  const retries = { attempts: 1, firstWaitMs: 1000, longestWaitMs: 1000 }
  const jobs = await openPgBoss({ connectionString, log: silentLog, pollSeconds: 0.5, retries })
  t.after(() => jobs.close())
  const seen: unknown[] = []
  const kinds = ['nightly_count', 'hourly_count']
  for (const kind of kinds) {
    await jobs.work(kind, (input) => {
      seen.push(input)
      return seen.length <= kinds.length ? Promise.reject(new Error('the price service is gone')) : Promise.resolve()
    })
    await jobs.send(kind, { rights: 'nobody is shown this' })
  }
  await until('dead letters', async () => ((await jobs.deadLetters(9)).length === 2 ? true : undefined))
  return seen
}

test('people follow jobs, end them, and send again what failed for good', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const database = await testDatabase(t)
  // A socket's address names no host, and the settings want one; the socket goes first.
  const address = database.connectionString.replace(/^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)\//, '$1localhost/')
  const { url } = await serve(t, { DATABASE_URL: address })
  const seen = await givenDeadLetters(t, database.connectionString)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  await seed(page)
  await page.reload()
  const assertNarrow = async (): Promise<void> => {
    const excess = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    assert.ok(excess <= 0, `${excess} px wider than the screen`)
  }
  const rows = page.getByRole('region', { name: 'The newest jobs' }).getByRole('listitem')

  await t.test('a page without jobs says what makes one', async () => {
    await page.getByRole('link', { name: 'Jobs' }).click()
    await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
    await page.getByText('There are no jobs yet.').waitFor()
    await assertAccessible(page, 'no jobs')
  })

  await t.test('a report is a job whose file is fetched here', async () => {
    const asked = await page.request.post('/api/analytics/reports', {
      data: { kind: 'returns', format: 'csv', from: '2026-01-01', to: '2026-02-01', filters: {} },
    })
    assert.equal(asked.status(), 202, await asked.text())
    await page.reload()
    await rows.getByText('Done').waitFor()
    const href = await rows.getByRole('link', { name: 'Fetch the file' }).getAttribute('href')
    assert.equal((await page.request.get(href!)).status(), 200)
  })

  await t.test('running ones move by themselves, and open ones are cancelled', async () => {
    const [owner] = await database.owner.query<{ id: string }>(
      `select created_by as id from jobs order by id desc limit 1`,
    )
    const id = '01f00000-0000-7000-8000-000000000001'
    await database.owner.query(
      `insert into jobs (id, kind, state, input, created_by, done, total, created_at, started_at, updated_at)
       values ($1, 'import', 'running', '{}', $2, 1200, 250000, now(), now(), now())`,
      [id, owner!.id],
    )
    await page.reload()
    await rows.getByText(/1,200 of 2,50,000/).waitFor()
    await database.owner.query(`update jobs set done = 125000 where id = $1`, [id])
    await rows.getByText(/1,25,000 of 2,50,000/).waitFor()
    assert.equal(await page.getByRole('progressbar', { name: 'How far Import is' }).count(), 1)
    await picture(page, 'jobs')
    await assertAccessible(page, 'jobs')
    await rows.getByRole('button', { name: 'Cancel Import' }).click()
    await rows.getByRole('button', { name: 'Ending Import' }).waitFor()
    const [job] = await database.owner.query(`select cancel_requested as "isAsked" from jobs where id = $1`, [id])
    assert.deepEqual(job, { isAsked: true })
  })

  await t.test('older jobs follow when they are asked for', async () => {
    await database.owner.query(
      `insert into jobs (id, kind, state, input, created_by, done, total, created_at, finished_at, updated_at)
       select ('00f00000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'import', 'cancelled', '{}', j.created_by, 0, null, now(), now(), now()
       from generate_series(1, 70) n, (select created_by from jobs order by id desc limit 1) j`,
    )
    await page.reload()
    await page.getByRole('button', { name: 'Older jobs' }).click()
    await page.getByRole('button', { name: 'Older jobs' }).waitFor({ state: 'detached' })
    assert.equal(await rows.count(), 72)
    await database.owner.query(`delete from jobs where id < '00f00000-0000-7000-9000-000000000000'`)
  })

  await t.test('the list is narrowed to one state', async () => {
    await page.getByRole('radiogroup', { name: 'State' }).getByText('Failed', { exact: true }).click()
    await page.getByText('No job is in this state.').waitFor()
    await page.getByRole('radiogroup', { name: 'State' }).getByText('Done', { exact: true }).click()
    await rows.getByRole('link', { name: 'Fetch the file Report' }).waitFor()
    assert.equal(await rows.count(), 1)
  })

  await t.test('a dead letter is sent again after a question', async () => {
    const dead = page.getByRole('region', { name: 'Dead letters' }).getByRole('listitem')
    const letter = dead.filter({ hasText: 'nightly_count' })
    await letter.getByText('the price service is gone').waitFor()
    await letter.getByText(/1 try/).waitFor()
    assert.equal(await page.getByText('nobody is shown this').count(), 0)
    await letter.getByRole('button', { name: 'Replay nightly_count' }).click()
    await page
      .getByRole('dialog')
      .getByText(/sent again as a new job/)
      .waitFor()
    await picture(page, 'jobs-replay')
    await assertAccessible(page, 'the question')
    assert.equal(seen.length, 2, 'nothing is sent before the answer')
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
    await letter.waitFor({ state: 'detached' })
    await until('the replay', () => (seen.length === 3 ? true : undefined))
    assert.equal(await dead.count(), 1)
  })

  await t.test('an administrator begins where it says what needs a look', async () => {
    await page.goto('/')
    await page.waitForURL('**/admin')
    const watched = page.getByRole('region', { name: 'What is watched' }).getByRole('listitem')
    const dead = watched.filter({ hasText: 'Dead letters' })
    await dead.getByText('1 piece of work that failed at every try waits for you.').waitFor()
    await dead.getByRole('img', { name: 'Needs a look' }).waitFor()
    const log = watched.filter({ hasText: 'Signed log' })
    await log.getByText(/records, signed|no signature yet/).waitFor()
    await watched
      .filter({ hasText: 'Parts of the program' })
      .getByText(/database postgres/)
      .waitFor()
    await picture(page, 'admin')
    await assertAccessible(page, 'administration')
    await dead.getByRole('link').click()
    await page.getByRole('region', { name: 'Dead letters' }).waitFor()
  })

  await t.test('on a phone and in Hindi nothing sticks out', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto('/admin')
    await page.getByRole('heading', { name: 'Administration', level: 1 }).waitFor()
    await page.getByText('waits for you').waitFor()
    await assertNarrow()
    await picture(page, 'phone-admin')
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    await page.goto('/jobs')
    await page.getByRole('heading', { name: 'कार्य', level: 1 }).waitFor()
    await page.getByRole('button', { name: /दोबारा भेजें/ }).waitFor()
    await page.getByRole('listitem').first().waitFor()
    await assertNarrow()
    await picture(page, 'phone-jobs')
    await assertAccessible(page, 'jobs on a phone')
  })

  await t.test('others see their own jobs and no dead letters', async () => {
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
    await context.clearCookies()
    await signIn(page, /Analyst/)
    await page.goto('/jobs')
    await page.getByText('There are no jobs yet.').waitFor()
    assert.equal(await page.getByRole('region', { name: 'Dead letters' }).count(), 0)
    await page.goto('/admin')
    await page.getByText('jobs:manage').waitFor()
  })

  await t.test('everybody begins where their work is', async () => {
    for (const [role, place] of [
      [/Worker/, /\/station$/],
      [/Manager/, /\/hubs(\/|$)/],
      [/Analyst/, /\/analytics$/],
    ] as const) {
      await context.clearCookies()
      await signIn(page, role)
      await page.goto('/')
      await page.waitForURL(place)
      await atRest(page)
    }
  })

  assert.deepEqual(faults, [])
})
