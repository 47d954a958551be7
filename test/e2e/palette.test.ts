import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectUnits } from '../support/bench.ts'
import { assertAccessible, hasBrowser, openBrowser, signIn, picture } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 300_000

test('keys and the palette go everywhere', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  await seed(page)
  await page.reload()
  await page.getByRole('heading', { name: 'Returns', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Webhooks' }).waitFor()

  await t.test('g and a letter goes to a place, and is silent while somebody types', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await page.waitForURL(/\/esg$/)
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.waitForURL(/\/returns$/)
    const field = page.getByRole('searchbox', { name: 'Search in titles' }).or(page.getByRole('searchbox')).first()
    await field.pressSequentially('ge?')
    assert.equal(await field.inputValue(), 'ge?')
    assert.equal(await page.getByRole('dialog').count(), 0)
    assert.match(page.url(), /\/returns/)
    await field.fill('')
    await page.getByRole('heading', { name: 'Returns', level: 1 }).click()
  })

  await t.test('the list of keys', async () => {
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await picture(page, 'keys-list')
    await assertAccessible(page, 'the list of keys')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  await t.test('the palette: a place, an action of the page, a return by its code', async () => {
    await page.keyboard.press('Control+k')
    const field = page.getByPlaceholder(/A page, an LPN/)
    await field.waitFor()
    await picture(page, 'palette')
    await assertAccessible(page, 'the palette')
    await field.fill('audi')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/audit$/)
    await page.goto('/returns')
    await page.getByRole('link', { name: 'New return' }).nth(1).waitFor()
    await page.keyboard.press('Control+k')
    await field.waitFor()
    // Once as what this page offers, once as a place.
    await page.getByRole('dialog').getByRole('button', { name: 'New return' }).nth(1).waitFor()
    await page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
    const [unit] = await expectUnits(page, 'cream', 1)
    await page.keyboard.press('Control+k')
    await field.fill(unit!.lpn)
    await page.getByText(`Find the return ${unit!.lpn}`).click()
    await page.waitForURL(new RegExp(`/returns/${unit!.id}$`))
  })

  await t.test('who may not go there is not shown the way', async () => {
    // A page that asks on would be told that nobody is signed in.
    await page.goto('about:blank')
    await context.clearCookies()
    await signIn(page, /Analyst/)
    await page.goto('/analytics')
    await page.getByRole('heading', { name: 'Analytics', level: 1 }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder(/A page, an LPN/).fill('webh')
    await page.getByText('Find the return webh').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Webhooks' }).count(), 0)
  })

  assert.deepEqual(faults, [])
})
