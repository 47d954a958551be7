import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { assertAccessible, atRest, hasBrowser, openBrowser, picture, signIn } from '../support/browser.ts'
import { serve } from '../support/serve.ts'

const timeout = 360_000
const returns = '260'

async function assertFits(page: Page, name: string): Promise<void> {
  const excess = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  assert.ok(excess <= 0, `${name} is ${excess} px wider than the screen`)
}

async function loaded(page: Page): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const { page: info } = (await (await page.request.get('/api/returns?limit=1&includeTotal=exact')).json()) as {
      page: { total: number }
    }
    if (info.total >= Number(returns)) return
    await page.waitForTimeout(500)
  }
  assert.fail('the demo data never came')
}

test('an analyst reads figures, opens what is behind them, and takes rows away', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t, { SMARTRETURNS_DEMO_RETURNS: returns })
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  await signIn(page, /Analyst/)
  await loaded(page)

  await t.test('figures of the period, each with its definition', async () => {
    await page.goto('/analytics?days=91')
    await page.getByRole('heading', { name: 'Analytics', level: 1 }).waitFor()
    await page.locator('[data-figure=returns] a').waitFor()
    assert.equal(await page.locator('[data-figure]').count(), 16)
    await page.getByRole('button', { name: 'What Recovery rate means' }).click()
    await page.getByText(/Realised value \/ price paid/).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[role=img] svg').waitFor()
    await page.waitForTimeout(400)
    await picture(page, 'analytics')
    await assertAccessible(page, 'analytics')
    await picture(page, 'analytics-dark')
  })

  await t.test('a figure opens the units behind it: as many as it says', async () => {
    const link = page.locator('[data-figure=completed] a')
    // The figures follow the log: what happens while one reads is in them a moment later.
    for (let tries = 1; ; tries++) {
      const said = Number((await link.textContent())!.replaceAll(',', ''))
      const address = new URL((await link.getAttribute('href'))!, url)
      const { page: info } = (await (
        await page.request.get(`/api/returns?limit=1&includeTotal=exact&${address.searchParams.toString()}`)
      ).json()) as { page: { total: number } }
      if (said > 0 && info.total === said) break
      assert.ok(tries < 30, `the figure says ${said}, the list has ${info.total}`)
      await page.waitForTimeout(1000)
      await page.reload()
      await link.waitFor()
    }
    await link.click()
    await page.getByRole('button', { name: 'Units behind a figure' }).waitFor()
    await page.locator('tbody tr').first().waitFor()
    await page.getByRole('button', { name: 'Units behind a figure' }).click()
    await page.waitForURL(/\/returns$/)
  })

  await t.test('the view stands in the address; the picture has a table', async () => {
    await page.goto('/analytics?days=91')
    // A list that opens while figures still arrive may close again under the pointer.
    await atRest(page)
    await page.getByRole('combobox', { name: 'Cut by' }).click()
    await page.getByRole('option', { name: 'Disposition' }).click()
    await page.waitForURL(/by=disposition/)
    await page.getByRole('combobox', { name: 'Per', exact: true }).click()
    await page.getByRole('option', { name: 'Week' }).click()
    await page.waitForURL(/per=week/)
    await page.locator('[role=img] svg').waitFor()
    await page.waitForTimeout(400)
    await picture(page, 'analytics-by-disposition')
    await page.getByRole('button', { name: 'Show as table' }).click()
    await page.getByRole('region', { name: 'Table: Returns' }).locator('tbody tr').first().waitFor()
    await page.reload()
    await page.getByRole('combobox', { name: 'Cut by' }).waitFor()
    assert.equal(await page.getByRole('combobox', { name: 'Cut by' }).inputValue(), 'Disposition')
  })

  await t.test('rows are written into a file by a job', async () => {
    await page.getByRole('button', { name: 'Write the file' }).click()
    const fetched = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Fetch the file' }).click()
    assert.match((await fetched).suggestedFilename(), /\.csv$/)
    await page.getByRole('combobox', { name: 'As' }).click()
    await page.getByRole('option', { name: 'PDF, to read and print' }).click()
    await page.getByRole('button', { name: 'Write the file' }).click()
    await page.getByRole('link', { name: 'Fetch the file' }).waitFor()
    await picture(page, 'report-as-pdf')
    const paper = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Fetch the file' }).click()
    assert.match((await paper).suggestedFilename(), /\.pdf$/)
  })

  await t.test('carbon and landfill, with ranges, parts and versions', async () => {
    await page.goto('/esg?days=91')
    await page.getByRole('heading', { name: 'Carbon and landfill', level: 1 }).waitFor()
    await page.locator('[role=img] svg').waitFor()
    await page.getByRole('region', { name: 'Table: By material' }).locator('tbody tr').first().waitFor()
    await page
      .getByText(/never netted/)
      .first()
      .waitFor()
    await page.waitForTimeout(400)
    await picture(page, 'esg')
    await assertAccessible(page, 'esg')
    await assertFits(page, 'esg')
  })

  await t.test('in Hindi and on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    for (const [path, heading] of [
      ['/analytics?days=91', 'विश्लेषण'],
      ['/esg?days=91', 'कार्बन और लैंडफ़िल'],
    ] as const) {
      await page.goto(path)
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
      await page.locator('[role=img] svg').waitFor()
      await page.waitForTimeout(400)
      await picture(page, `phone-${path.slice(1, 4)}`)
      await assertFits(page, path)
      await assertAccessible(page, path)
    }
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
  })

  await t.test('an empty period, a failure, and who may not', async () => {
    await page.route(/\/api\/analytics\/trends/, (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          type: 'about:blank',
          title: 'Service Unavailable',
          status: 503,
          detail: 'The figures are closed.',
          instance: '/api/analytics/trends',
          code: 'unavailable',
          requestId: 'req-trends',
        }),
      }),
    )
    await page.goto('/analytics')
    await page.getByText('The figures are closed.').waitFor()
    await page.locator('[data-figure=returns]').waitFor()
    await page.unroute(/\/api\/analytics\/trends/)
    await context.clearCookies()
    await signIn(page, /Worker/)
    await page.goto('/analytics')
    await page.getByText('analytics:read').waitFor()
  })

  assert.deepEqual(
    faults.filter((fault) => !/status of 503/.test(fault)),
    [],
  )
})
