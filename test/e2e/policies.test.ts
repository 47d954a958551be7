import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible, hasBrowser, openBrowser, picture, signIn } from '../support/browser.ts'
import { serve } from '../support/serve.ts'

test('policies: what serves, tried on past returns, changed as a new version', { timeout: 400_000 }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t, { SMARTRETURNS_DEMO_RETURNS: '120' })
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  await signIn(page, /Admin/)

  await t.test('every value stands there with its unit; nobody has changed anything', async () => {
    await page.getByRole('link', { name: 'Policies' }).click()
    await page.getByRole('heading', { name: 'Policies', level: 1 }).waitFor()
    const row = page.getByRole('row', { name: /Price of emissions lambdaE/ })
    await row.getByText('400').waitFor()
    await row.getByText('paise per kg CO₂e').waitFor()
    await page.getByText('Nobody has changed what ships.').waitFor()
    await picture(page, 'policies')
    await assertAccessible(page, 'policies')
  })

  const dialog = page.getByRole('dialog')
  await t.test('a change is tried on past returns before it is made', async () => {
    await page.getByRole('button', { name: 'Change values' }).click()
    await dialog.getByRole('button', { name: 'Make version 1' }).click()
    await dialog.getByText('Choose a value, or write the change of another part').waitFor()
    await dialog.getByRole('combobox', { name: 'Values to change' }).fill('Price of emissions')
    await page.getByRole('option', { name: 'Price of emissions', exact: true }).click()
    await page.keyboard.press('Escape')
    await dialog.getByRole('textbox', { name: 'Price of emissions' }).fill('40000')
    await dialog.getByRole('combobox', { name: 'Past returns of' }).click()
    await page.getByRole('option', { name: 'the last 90 days' }).click()
    await dialog.getByRole('button', { name: 'Try on past returns' }).click()
    await dialog.getByText(/\d+ of \d+ recommendations would change/).waitFor({ timeout: 60_000 })
    await picture(page, 'policies-impact')
    await assertAccessible(page, 'the impact of a change')
  })

  await t.test('what is not valid is named; what is valid becomes version 1, with who and why', async () => {
    await dialog.getByRole('textbox', { name: 'Other parts' }).fill('{"policy":{"parameters":{"gst":{"value":18}}}}')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('price of carbon for 2027')
    await dialog.getByRole('button', { name: 'Make version 1' }).click()
    await dialog.getByText('gst: 18 is no share: 0 to 1').waitFor()
    await dialog.getByRole('textbox', { name: 'Other parts' }).fill('')
    await dialog.getByRole('button', { name: 'Make version 1' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('row', { name: /Price of emissions lambdaE 40,000/ }).waitFor()
    const entry = page.getByRole('listitem').filter({ hasText: 'Version 1' })
    await entry.getByText('price of carbon for 2027').waitFor()
    await entry.getByRole('row', { name: '/policy/parameters/lambdaE/value 400 40,000' }).waitFor()
    await picture(page, 'policies-changed')
    await assertAccessible(page, 'policies with a history')
  })

  await t.test('who saw the version before is told so', async () => {
    await page.getByRole('button', { name: 'Change values' }).click()
    const body = { policy: { policy: { parameters: { lambdaE: { value: 500 } } } }, reason: 'by another' }
    const other = await page.request.put('/api/ai/policy', { data: body, headers: { 'if-match': '"1"' } })
    assert.equal(other.status(), 200)
    await dialog.getByRole('textbox', { name: 'Other parts' }).fill('{"policy":{"parameters":{"gst":{"value":0.2}}}}')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('too late')
    await dialog.getByRole('button', { name: 'Make version 2' }).click()
    await dialog.getByText('you saw version 1, 2 serves').waitFor()
    await page.keyboard.press('Escape')
  })

  await t.test('on a phone and in Hindi nothing sticks out', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    await page.reload()
    await page.getByRole('heading', { name: 'नीतियाँ', level: 1 }).waitFor()
    await page.getByRole('row', { name: /उत्सर्जन की कीमत lambdaE/ }).waitFor()
    await page.getByText('by another').waitFor()
    const excess = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    assert.ok(excess <= 0, `${excess} px wider than the screen`)
    await picture(page, 'policies-phone')
    await assertAccessible(page, 'policies on a phone')
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
  })

  await t.test('an analyst reads; a failed answer can be asked again; a worker is told why not', async () => {
    await context.clearCookies()
    await signIn(page, /Analyst/)
    await page.goto('/policies')
    await page.getByRole('heading', { name: 'What serves' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Change values' }).count(), 0)
    const problem = {
      title: 'x',
      status: 503,
      detail: 'busy',
      code: 'unavailable',
      requestId: 'r',
      type: 'a',
      instance: 'b',
    }
    await page.route('**/api/ai/policy', (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', json: problem }),
    )
    await page.reload()
    await page.getByText('A part of the service does not answer').waitFor()
    await page.unroute('**/api/ai/policy')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'What serves' }).waitFor()
    await context.clearCookies()
    await signIn(page, /Worker/)
    await page.goto('/policies')
    await page.getByText('analytics:read').waitFor()
  })

  assert.deepEqual(
    faults.filter((fault) => !/status of (400|412|503)/.test(fault)),
    [],
  )
})
