import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { assertAccessible, hasBrowser, openBrowser, picture, signInToReturns } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 600_000
const person = {
  name: 'Asha Kumari',
  email: 'asha.kumari@example.com',
  phone: '+919812345678',
  note: 'the zip is broken',
}

test('an administrator sees to the rights of a person in the browser', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signInToReturns(page, /Admin/)
  const { pincode } = await seed(page)
  const clients = (await (await page.request.get('/api/clients')).json()) as { data: { id: string }[] }
  const submitted = await page.request.post('/api/returns', {
    data: {
      clientId: clients.data[0]!.id,
      clientRef: 'PRIVACY-1',
      title: 'Rain coat, yellow',
      categoryId: 'fashion.apparel.ethnic',
      price: { amount: 79900, currency: 'INR' },
      reasonCode: 'size_or_fit',
      pickupPincode: pincode,
      customer: person,
    },
  })
  assert.equal(submitted.status(), 201)
  const { id } = (await submitted.json()) as { id: string }

  await page.reload()
  await page.getByRole('link', { name: 'Privacy' }).click()
  await page.getByRole('heading', { name: 'Privacy', level: 1 }).waitFor()
  await page.getByText('Data of customers').waitFor()
  await assertAccessible(page, 'privacy')
  await page.getByRole('button', { name: 'Find', exact: true }).click()
  await page.getByText('Fill this in').waitFor()

  await t.test('find: by what is known, with no more than a hint, and nothing of it in the address', async () => {
    await page.getByRole('textbox', { name: 'What to look for' }).fill(person.email)
    await page.getByRole('button', { name: 'Find', exact: true }).click()
    await page.getByText('A… K…').waitFor()
    assert.doesNotMatch(page.url(), /asha/i)
    assert.doesNotMatch(await page.locator('main').innerText(), /Kumari|asha\.kumari@/)
    await page.getByRole('button', { name: 'Details' }).click()
    await page.getByText('Nothing was recorded.').waitFor()
    await assertAccessible(page, 'a person that was found')
    await picture(page, 'privacy-found')
  })
  await t.test('export: a file for the person', async () => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export (JSON)' }).click(),
    ])
    const text = readFileSync(await file.path(), 'utf8')
    assert.equal(JSON.parse(text).returns[0].customer.name, person.name)
    await page.getByText(/^Exported/).waitFor()
  })
  await t.test('restrict, and end it', async () => {
    await page.getByRole('button', { name: 'Restrict' }).click()
    const dialog = page.getByRole('dialog', { name: 'Restrict the data of this person' })
    await dialog.getByRole('radio', { name: 'The person objects' }).check()
    await assertAccessible(page, 'restricting')
    await dialog.getByRole('button', { name: 'Restrict' }).click()
    await page.getByText('Restricted', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'End the restriction' }).click()
    await page.getByText('Restricted', { exact: true }).waitFor({ state: 'detached' })
  })
  await t.test('erase: only with the word, and the knowledge that a unit is on its way', async () => {
    await page.getByRole('button', { name: 'Erase', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Erase this person' })
    const confirm = dialog.getByRole('button', { name: 'Erase for ever' })
    await dialog.getByRole('textbox', { name: /Type erase/ }).fill('eras')
    assert.equal(await confirm.isDisabled(), true)
    await dialog.getByRole('textbox', { name: /Type erase/ }).fill('erase')
    assert.equal(await confirm.isDisabled(), true, 'the unit on its way was not spoken of')
    await dialog.getByRole('checkbox', { name: 'Erase all the same' }).check()
    await picture(page, 'privacy-erase')
    await assertAccessible(page, 'erasing')
    await confirm.click()
    await page.getByText('Erased: 1 returns, 0 files.').waitFor()
    // That it was done can still be shown, to who asks with the same address.
    await page.getByText(/^Erased on/).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Erase', exact: true }).count(), 0)
    const seen = (await (await page.request.get(`/api/returns/${id}`)).json()) as { customer: unknown }
    assert.equal(seen.customer, null)
  })
  await t.test('retention: counted first, changed with its bounds', async () => {
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByText('nothing past its time', { exact: true }).last().waitFor()
    assert.equal(await page.getByRole('button', { name: 'Remove now' }).isDisabled(), true)
    const days = page.getByRole('textbox', { name: 'Days for: Photos of units' })
    await days.fill('10')
    await page.getByText('at least 30').waitFor()
    await days.fill('365')
    await page.getByRole('button', { name: 'Save: Photos of units' }).click()
    await page.getByText('Saved.').waitFor()
    await picture(page, 'privacy-retention')
  })
  await t.test('in Hindi, and on a telephone', async () => {
    await page.getByRole('button', { name: 'Language' }).click()
    await page.getByRole('menuitem', { name: 'हिन्दी' }).click()
    await page.getByRole('heading', { name: 'गोपनीयता', level: 1 }).waitFor()
    await assertAccessible(page, 'privacy in Hindi')
    await page.setViewportSize({ width: 390, height: 844 })
    await assertAccessible(page, 'privacy on a telephone')
    await picture(page, 'privacy-hindi-phone')
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    assert.ok(Number(wide) <= 0, 'nothing hangs over the edge')
  })
  await t.test('nobody else has the page', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
    await page.request.post('/api/auth/logout')
    await signInToReturns(page, /Manager/)
    assert.equal(await page.getByRole('link', { name: 'Privacy' }).count(), 0)
    await page.goto('/privacy')
    await page.getByText('privacy:manage').waitFor()
  })
  assert.deepEqual(faults, [])
})
