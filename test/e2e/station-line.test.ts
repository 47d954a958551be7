import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import {
  assertFits,
  expectUnits,
  kept,
  openBench,
  pictures,
  said,
  scan,
  settled,
  signInAs,
  type Unit,
  until,
} from '../support/bench.ts'
import { assertAccessible, hasBrowser, openBrowser } from '../support/browser.ts'
import { openLine } from '../support/line.ts'
import { freePort, serve } from '../support/serve.ts'

const timeout = 600_000
/** The cut lasts as long as its units take; `STATION_CUT_MS=120000` makes it two minutes. */
const cutMs = Number(process.env['STATION_CUT_MS'] ?? 0)
const whole = 30
const cutFrom = 10
const cutTo = 21

async function work(page: Page, unit: Unit): Promise<void> {
  await scan(page, unit.lpn)
  await page.getByTestId('unit').getByText(unit.lpn).waitFor()
  await page.getByTestId('rubric').waitFor()
  await page.keyboard.press('F2')
  await page.keyboard.press('F2')
  await page.getByRole('button', { name: /^Accept: / }).waitFor()
  await page.keyboard.press('F6')
  await page.locator('[data-message=accepted]', { hasText: unit.lpn }).waitFor()
}

async function counted(page: Page, id: string): Promise<Record<string, number>> {
  const { data } = (await (await page.request.get(`/api/returns/${id}/timeline`)).json()) as {
    data: { type: string }[]
  }
  const count = (type: string) => data.filter((one) => one.type === type).length
  return {
    received: count('ReturnReceived'),
    checked: count('QualityChecked'),
    decided: count('DispositionDecided'),
    refunds: count('LedgerPosted'),
  }
}

test('a cut of the line in the middle of thirty units loses nothing and doubles nothing', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const port = await freePort()
  const line = await openLine(t, `http://127.0.0.1:${port}`)
  await serve(t, { SMARTRETURNS_URL: line.url }, port)
  const { context } = await openBrowser(t, line.url)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  await signInAs(page, /Admin/)
  const units = await expectUnits(page, 'cream', whole)
  await signInAs(page, /Worker/)
  await openBench(page)
  await page.evaluate('navigator.serviceWorker.ready')
  await page.waitForTimeout(1500)

  for (const unit of units.slice(0, cutFrom - 2)) await work(page, unit)
  await t.test('answers that are lost on their way are asked for again, not done again', async () => {
    line.loseAnswers(4)
    for (const unit of units.slice(cutFrom - 2, cutFrom)) await work(page, unit)
    await settled(page)
    assert.ok(line.lost() >= 2, `${line.lost()} answers were lost`)
  })

  await t.test('without a line the bench goes on, also after a reload, and says so', async () => {
    const begun = Date.now()
    line.cut()
    for (const unit of units.slice(cutFrom, cutFrom + 5)) await work(page, unit)
    await page.locator('[data-testid=line][data-line=offline]').waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Ready' }).waitFor()
    const waiting = (await kept<{ unitId: string }>(page, 'commands')).length
    assert.ok(waiting >= 14, `${waiting} commands wait`)
    await pictures(page, 'offline-idle')
    for (const unit of units.slice(cutFrom + 5, cutTo)) await work(page, unit)
    await scan(page, units[cutTo]!.lpn)
    await page.getByTestId('rubric').waitFor()
    await pictures(page, 'offline-rubric')
    await page.keyboard.press('F2')
    await page.keyboard.press('F2')
    await page.getByText('Recommended before grading').waitFor()
    await pictures(page, 'offline-decision')
    await assertAccessible(page, 'a decision without a line')
    await page.keyboard.press('F6')
    await said(page, 'accepted')
    await page.getByTestId('line').click()
    await page.getByRole('dialog').waitFor()
    await pictures(page, 'offline-queue')
    await page.keyboard.press('Escape')
    const left = cutMs - (Date.now() - begun)
    if (left > 0) await page.waitForTimeout(left)
    t.diagnostic(`the line was cut for ${Math.round((Date.now() - begun) / 1000)} s`)
  })

  line.mend()
  for (const unit of units.slice(cutTo + 1)) await work(page, unit)
  await settled(page, 60_000)
  await page.locator('[data-testid=line][data-line=online]').waitFor()

  await t.test('what the server did not take is shown to the worker and settled by hand', async () => {
    const needs = await kept<{ unitId: string; problem: { code: string } }>(page, 'needs')
    t.diagnostic(
      `${needs.length} of ${whole} units needed the worker: ${[...new Set(needs.map((one) => one.problem.code))].join(', ') || 'none'}`,
    )
    const gone = ['reason_code_missing', 'excluded_by_rule']
    assert.ok(needs.every((one) => gone.includes(one.problem.code)))
    assert.ok(needs.every((one) => units.some(({ id }) => id === one.unitId)))
    for (let left = needs.length; left > 0; left--) {
      await page.getByTestId('line').click()
      await page.getByTestId('needs').first().getByRole('button', { name: 'Take the new advice' }).click()
      await until('one less', async () => (await kept(page, 'needs')).length === left - 1)
      await page.keyboard.press('Escape')
    }
    await settled(page)
  })

  await t.test('every unit was received, checked and decided exactly once', async () => {
    await page.waitForTimeout(1000)
    assert.deepEqual(await kept(page, 'commands'), [])
    assert.deepEqual(await kept(page, 'needs'), [])
    for (const unit of units)
      assert.deepEqual(await counted(page, unit.id), { received: 1, checked: 1, decided: 1, refunds: 1 }, unit.lpn)
  })

  await t.test('a unit that somebody else decided meanwhile is a conflict: shown, never dropped', async () => {
    const admin = await context.browser()!.newContext({ baseURL: line.url })
    const desk = await admin.newPage()
    await signInAs(desk, /Admin/)
    const [unit] = await expectUnits(desk, 'cream', 1)
    await page.reload()
    await page.getByRole('heading', { name: 'Ready' }).waitFor()
    await until('the unit is kept here', async () =>
      (await kept<Unit>(page, 'cards')).some(({ id }) => id === unit!.id),
    )
    line.cut()
    await work(page, unit!)
    // Somebody at a desk with a line of their own was faster.
    const received = await desk.request.post(`http://127.0.0.1:${port}/api/returns/${unit!.id}/receive`, { data: {} })
    assert.ok(received.ok(), `received at the desk: ${received.status()}`)
    line.mend()
    await until('it needs the worker', async () => (await kept(page, 'needs')).length === 1)
    await page.getByTestId('line').click()
    await page.getByTestId('needs').waitFor()
    await pictures(page, 'conflict')
    await assertAccessible(page, 'a conflict')
    await assertFits(page, 'a conflict')
    const [needs] = await kept<{ commands: unknown[]; problem: { code: string } }>(page, 'needs')
    assert.equal(needs!.problem.code, 'already_received')
    assert.equal(needs!.commands.length, 3)
    await page.getByRole('button', { name: 'I settled it' }).click()
    await page.getByText('Nothing waits').waitFor()
    await admin.close()
  })
})
