import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible, hasBrowser, openBrowser, picture, signIn } from '../support/browser.ts'
import { serve } from '../support/serve.ts'

const at = '2026-11-20T02:00:00.000Z'
const drift = {
  engine: 'built-in',
  at,
  from: '2026-11-06T02:00:00.000Z',
  to: at,
  reference: { source: 'training', count: 40_000, model: '1' },
  count: 812,
  level: 'warn',
  features: [
    {
      name: 'mrp',
      level: 'ok',
      psi: 0.02,
      ks: 0.05,
      cramersV: null,
      pValue: 0.4,
      missing: { reference: 0, window: 0.01 },
    },
    {
      name: 'category_l1',
      level: 'warn',
      psi: 0.14,
      ks: null,
      cramersV: 0.1,
      pValue: 0.01,
      missing: { reference: 0, window: 0 },
    },
  ],
  calibration: { count: 300, gradeEce: 0.021, expectedEce: 0.019, level: 'ok' },
}
const estimate = (value: number) => ({ value, low: value - 900, high: value + 900 })
const shadow = (modelVersion: string) => ({
  modelVersion,
  since: drift.from,
  units: 640,
  agreement: 0.81,
  dispositionAgreement: 0.9,
  servedExcluded: 3,
  utilityGainMinor: 1250,
  moves: [{ from: 'liquidate', to: 'resell', units: 41, utilityGainMinor: 8400 }],
  value: {
    modelVersion,
    againstVersion: 'tables-1',
    at,
    units: 500,
    overridden: 12,
    ips: estimate(41_000),
    snips: null,
    dr: estimate(42_000),
    served: estimate(41_200),
    gain: estimate(800),
    effectiveCount: 244,
    cappedCount: 4,
    certainCount: 60,
    unsupportedCount: 9,
    unsupportedShare: 0.02,
  },
})

test('models: what serves, how good it is, and its change behind the gate', { timeout: 300_000 }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  const { data: models } = (await (await page.request.get('/api/ai/models')).json()) as {
    data: { version: string; registeredAt: string | null; aliases: string[] }[]
  }
  const champion = models.find(({ aliases }) => aliases.includes('champion'))
  assert.ok(champion, 'what ships is champion')

  await t.test('versions with their stage and measured quality; no drift before the first night', async () => {
    await page.getByRole('link', { name: 'Models' }).click()
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
    const panel = page.getByRole('region', { name: champion.version, exact: true })
    await panel.getByText('Champion').waitFor()
    await page.getByText('There is no report before the first night.').waitFor()
    await panel.getByRole('button', { name: 'Measured quality' }).click()
    await panel.getByRole('rowheader', { name: 'Grade · calibration error' }).waitFor()
    await picture(page, 'models')
    await assertAccessible(page, 'models')
  })

  await t.test('the gate is shown with what is wanted and what was measured', async () => {
    await page.getByRole('button', { name: `Show the gate ${champion.version}` }).click()
    const dialog = page.getByRole('dialog')
    const row = dialog.getByRole('row', { name: /Lower end of the gain/ })
    await row.getByText('not measured').waitFor()
    await row.getByText('Not met').waitFor()
    assert.equal(await dialog.getByRole('button', { name: 'Promote' }).count(), 0, 'it is champion already')
    await picture(page, 'models-gate')
    await assertAccessible(page, 'the gate')
    await page.keyboard.press('Escape')
  })

  await t.test('nothing to roll back to is said', async () => {
    await page.getByRole('button', { name: 'Roll back' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Roll back' }).click()
    await dialog.getByText('Say why, in a few words').waitFor()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('intervals too narrow')
    await dialog.getByRole('button', { name: 'Roll back' }).click()
    await dialog.getByText('no other model has served before').waitFor()
    await page.keyboard.press('Escape')
  })

  await t.test(
    'a candidate that the gate refuses: the version typed again, a reason, the gates that failed',
    async () => {
      // The same version as a candidate: the gate and the promotion are those of the server.
      await page.route('**/api/ai/models', async (route) => {
        const answer = await route.fetch()
        const { data } = (await answer.json()) as { data: Record<string, unknown>[] }
        const shown = data.map((one) =>
          one['version'] === champion.version && one['registeredAt'] !== null
            ? { ...one, aliases: ['challenger'], isServing: false, shadow: shadow(champion.version) }
            : one,
        )
        await route.fulfill({ response: answer, json: { data: shown } })
      })
      await page.route('**/api/ai/models/drift', (route) => route.fulfill({ json: { data: [drift] } }))
      await page.reload()
      const panel = page.getByRole('region', { name: champion.version, exact: true })
      await panel.getByText('Challenger').waitFor()
      await panel.getByRole('button', { name: 'Beside the one that serves' }).click()
      await panel.getByRole('rowheader', { name: 'Liquidate' }).waitFor()
      await page.getByRole('rowheader', { name: 'Category l1' }).waitFor()
      await picture(page, 'models-filled')
      await assertAccessible(page, 'models with shadow and drift')
      await panel.getByRole('button', { name: `Promote ${champion.version}` }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Promote' }).click()
      await dialog.getByText(`Type ${champion.version}`).waitFor()
      await dialog.getByRole('textbox', { name: 'Type the version again' }).fill(champion.version)
      await dialog.getByRole('textbox', { name: 'Reason' }).fill('two weeks beside the champion')
      await dialog.getByRole('button', { name: 'Promote' }).click()
      await dialog.getByText(/may not serve: \d+ conditions are not met/).waitFor()
      await dialog.getByText(/paise a return: not measured, wanted > 0/).waitFor()
      await picture(page, 'models-refused')
      await assertAccessible(page, 'a refused promotion')
      await page.keyboard.press('Escape')
    },
  )

  await t.test('on a phone and in Hindi nothing sticks out', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    await page.reload()
    await page.getByRole('heading', { name: 'मॉडल', level: 1 }).waitFor()
    await page.getByText('चैलेंजर').waitFor()
    const excess = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    assert.ok(excess <= 0, `${excess} px wider than the screen`)
    await picture(page, 'models-phone')
    await assertAccessible(page, 'models on a phone')
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
  })

  await t.test(
    'an analyst reads and changes nothing; a failed list can be asked again; a worker is told why not',
    async () => {
      await context.clearCookies()
      await signIn(page, /Analyst/)
      await page.goto('/models')
      await page.getByRole('button', { name: `Show the gate ${champion.version}` }).waitFor()
      assert.equal(await page.getByRole('button', { name: /Roll back|Promote/ }).count(), 0)
      await page.unroute('**/api/ai/models')
      await page.route('**/api/ai/models', (route) =>
        route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          json: {
            title: 'x',
            status: 503,
            detail: 'busy',
            code: 'unavailable',
            requestId: 'r1',
            type: 'a',
            instance: 'b',
          },
        }),
      )
      await page.reload()
      await page.getByText('A part of the service does not answer').waitFor()
      await page.unroute('**/api/ai/models')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('region', { name: champion.version, exact: true }).waitFor()
      await context.clearCookies()
      await signIn(page, /Worker/)
      await page.goto('/models')
      await page.getByText('analytics:read').waitFor()
    },
  )

  assert.deepEqual(
    faults.filter((fault) => !/status of (409|422|503)/.test(fault)),
    [],
  )
})
