import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { assertAccessible, hasBrowser, openBrowser, signInToReturns } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 300_000

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL('**/login**')
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

async function submitReturn(page: Page, pincode: string): Promise<void> {
  await page.getByRole('link', { name: 'New return' }).first().click()
  await page.getByRole('heading', { name: 'New return', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Submit the return' }).click()
  await page.getByText('Fill this in').first().waitFor()
  const client = page.getByRole('combobox', { name: 'Client' })
  if ((await client.inputValue()) === '') {
    await client.click()
    await page.getByRole('option').first().click()
  }
  await page.getByRole('textbox', { name: 'Client reference' }).fill(`E2E-${Date.now()}/1`)
  await page.getByText('By title and category').click()
  await page.getByRole('textbox', { name: 'Title' }).fill('Rockerz 450 headphones, black')
  await choose(page, 'Category', 'Headphones and earphones')
  await page.getByRole('textbox', { name: 'Price paid' }).fill('1299')
  await choose(page, 'Reason', 'Defective')
  await page.getByRole('textbox', { name: 'Pickup PIN code' }).fill(pincode)
  await page.getByRole('button', { name: 'Submit the return' }).click()
  await page.waitForURL(/\/returns\/[0-9a-f-]{36}$/)
  await page.getByRole('heading', { name: 'Rockerz 450 headphones, black' }).waitFor()
}

/** A return that a rule holds back is released by the one who may. */
async function approveIfAsked(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Recommendation' }).waitFor()
  const approve = page.getByRole('button', { name: 'Approve' })
  if (await approve.isVisible()) {
    await approve.click()
    await approve.waitFor({ state: 'detached' })
  }
}

async function receive(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Location' }).fill('LOC-BENCH-07')
  await page.getByRole('button', { name: 'Receive', exact: true }).click()
  await page.getByRole('heading', { name: 'Check the unit' }).waitFor()
}

async function photo(): Promise<Buffer> {
  return sharp({
    create: {
      width: 1200,
      height: 900,
      channels: 3,
      background: '#8a9a92',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .jpeg()
    .toBuffer()
}

async function checkQuality(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Record the check' }).click()
  await page.getByText(/still open/).waitFor()
  const bytes = await photo()
  const shots = page.locator('input[type="file"]')
  // A tile that has its photo has no file input any more: the first one left is the next.
  for (let left = await shots.count(); left > 0; left--) {
    await shots.first().setInputFiles({ name: 'shot.jpg', mimeType: 'image/jpeg', buffer: bytes })
    await shots.nth(left - 1).waitFor({ state: 'detached' })
  }
  await page.getByRole('radio', { name: 'Partly', exact: true }).check()
  await page.getByRole('group', { name: 'What does not work?' }).waitFor()
  await page.getByRole('radio', { name: 'Yes', exact: true }).check()
  await page.getByRole('radio', { name: /^Light marks/ }).check()
  await page.getByRole('switch', { name: 'I looked at the accessories' }).check()
  await page.getByRole('textbox', { name: 'Weight' }).fill('312')
  await page.getByRole('button', { name: 'Record the check' }).click()
  await page.getByRole('button', { name: 'Check again' }).waitFor()
}

test('one return goes through the whole flow in the browser', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)

  await page.goto('/login')
  await page.getByRole('button', { name: /Worker/ }).waitFor()
  await assertAccessible(page, 'login')

  await signInToReturns(page, /Worker/)
  await assertAccessible(page, 'returns as a worker')
  await signOut(page)

  await signInToReturns(page, /Admin/)
  const { pincode } = await seed(page)
  await page.reload()
  await submitReturn(page, pincode)
  const address = page.url()
  await approveIfAsked(page)
  await assertAccessible(page, 'a submitted return')
  await page.getByRole('link', { name: 'All returns' }).click()
  await page.getByRole('link', { name: 'Rockerz 450 headphones, black' }).first().waitFor()
  await assertAccessible(page, 'returns')
  await signOut(page)

  await signInToReturns(page, /Worker/)
  await page.goto(address)
  await receive(page)
  await assertAccessible(page, 'a quality check')
  await checkQuality(page)
  await signOut(page)

  await signInToReturns(page, /Manager/)
  await page.goto(address)
  await approveIfAsked(page)
  await page.getByRole('button', { name: /^Accept: / }).click()
  await page.getByRole('heading', { name: /^Carry out: / }).waitFor()
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByRole('button', { name: 'Start' }).waitFor({ state: 'detached' })
  await page.getByRole('textbox', { name: 'Realised value' }).fill('682.50')
  await page.getByRole('textbox', { name: 'Acknowledgement' }).fill('GRN-7781')
  await page.getByRole('textbox', { name: 'Certificate' }).fill('CERT-1')
  await page.getByRole('button', { name: /^Finish: / }).click()

  await page.getByTestId('realised').getByText('₹682.50').waitFor()
  await page.getByTestId('avoided').waitFor()
  await assertAccessible(page, 'a completed return')
  await page.getByRole('button', { name: 'Language' }).click()
  await page.getByRole('menuitem', { name: 'हिन्दी' }).click()
  await page.getByRole('heading', { name: 'समयरेखा' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'समयरेखा' }).waitFor()

  assert.deepEqual(faults, [])
})
