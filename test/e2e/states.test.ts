import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { assertAccessible, hasBrowser, home, openBrowser, signInToReturns } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 360_000

async function submit(page: Page, title: string, pickupPincode: string): Promise<string> {
  const clients = (await (await page.request.get('/api/clients')).json()) as { data: { id: string }[] }
  const response = await page.request.post('/api/returns', {
    data: {
      clientId: clients.data[0]?.id,
      clientRef: `STATES/${title}`,
      title,
      categoryId: 'fashion.apparel.ethnic',
      price: { amount: 129_900, currency: 'INR' },
      reasonCode: 'size_or_fit',
      pickupPincode,
    },
  })
  assert.equal(response.status(), 201, await response.text())
  return ((await response.json()) as { id: string }).id
}

/** Nothing sticks out of a narrow page. */
async function assertFits(page: Page, name: string): Promise<void> {
  const excess = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  assert.ok(excess <= 0, `${name} is ${excess} px wider than the screen`)
}

test('the states of the pages: empty, slow, failed, stale, forbidden, changed by another', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const list = /\/api\/returns\?/

  await t.test('a wrong password is told by keyboard alone', async () => {
    await page.goto('/login')
    await page.getByRole('button', { name: /Worker/ }).waitFor()
    await page.getByRole('textbox', { name: 'E-mail' }).focus()
    await page.keyboard.type('asha@demo.smartreturns.local')
    await page.keyboard.press('Tab')
    await page.keyboard.type('not the pass phrase')
    await page.keyboard.press('Enter')
    await page.getByText('E-mail and password do not match an account.').waitFor()
  })

  await t.test('a page behind the login sends there and back, and to no other site', async () => {
    await page.goto('/returns?stage=received')
    await page.waitForURL(/\/login\?next=/)
    await page.getByRole('button', { name: /Admin/ }).click()
    await page.waitForURL('**/returns?stage=received')
    await page.getByRole('button', { name: 'Stage: Received' }).waitFor()
  })

  const { pincode } = await seed(page)

  await t.test('empty lists say what to do', async () => {
    await page.goto('/returns?q=nothing+like+this')
    await page.getByRole('heading', { name: 'No return matches' }).waitFor()
    await assertAccessible(page, 'an empty list')
    await page.getByRole('button', { name: 'Clear all filters' }).click()
    await page.waitForURL(home)
  })

  const id = await submit(page, 'Indigo kurta', pincode)

  await t.test('a slow answer shows the shape of the list', async () => {
    await page.route(list, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500))
      await route.continue()
    })
    await page.goto('/returns?sort=oldest')
    await page.getByRole('status', { name: 'Loading' }).waitFor()
    await page.getByRole('link', { name: 'Indigo kurta' }).first().waitFor()
    await page.unroute(list)
  })

  await t.test('a failed answer names the request and can be tried again; what was read stays', async () => {
    const problem = {
      type: '/api/docs/problems#internal',
      title: 'Internal Server Error',
      status: 500,
      detail: 'The store is closed.',
      instance: '/api/returns',
      code: 'internal',
      requestId: 'req-of-this-test',
    }
    const fail = () =>
      page.route(list, (route) =>
        route.fulfill({
          status: 500,
          contentType: 'application/problem+json',
          body: JSON.stringify(problem),
        }),
      )
    await fail()
    await page.goto('/returns?q=Indigo')
    await page.getByRole('alert').getByText('The store is closed.').waitFor()
    await page.getByText('Request req-of-this-test').waitFor()
    await assertAccessible(page, 'a failed list')
    await page.unroute(list)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('link', { name: 'Indigo kurta' }).first().waitFor()
    await fail()
    await page.getByText(/^Showing what was read at/).waitFor({ timeout: 40_000 })
    await page.getByRole('link', { name: 'Indigo kurta' }).first().waitFor()
    await page.unroute(list)
  })

  await t.test('the address restores filters and sort', async () => {
    await page.goto('/returns')
    await page.getByRole('button', { name: 'Stage', exact: true }).click()
    await page.getByRole('checkbox', { name: 'Hub assigned' }).check()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Needs review' }).click()
    await page.waitForURL(/stage=hub_assigned.*review=true/)
    await page.reload()
    await page.getByRole('button', { name: 'Stage: Hub assigned' }).waitFor()
    await page.getByRole('button', { name: 'Needs review', pressed: true }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Needs review', pressed: false }).waitFor()
  })

  await t.test('a code in the search opens its return; one that is none is looked for in the titles', async () => {
    await page.goto(`/returns/${id}`)
    const lpn = (await page.getByTestId('lpn').textContent()) ?? ''
    await page.goto('/returns')
    const search = page.getByRole('searchbox', { name: 'Find a return' })
    await search.fill(lpn.trim().toLowerCase())
    await search.press('Enter')
    await page.waitForURL(`**/returns/${id}`)
    await search.fill('kurta')
    await search.press('Enter')
    await page.waitForURL('**/returns?q=kurta')
  })

  await t.test('an unknown return and an unknown page are told', async () => {
    await page.goto('/returns/01920000-0000-7000-8000-000000000009')
    await page.getByRole('alert').getByText('Not found').waitFor()
    await page.goto('/returns/01920000-0000-7000-8000-000000000009/nothing')
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })

  await t.test('who comes second is shown both versions', async () => {
    await page.goto(`/returns/${id}`)
    await page.getByRole('heading', { name: 'Receive the unit' }).waitFor()
    const { hubId } = (await (await page.request.get(`/api/returns/${id}`)).json()) as { hubId: string }
    const received = await page.request.post(`/api/returns/${id}/receive`, {
      data: { hubId, locationCode: 'LOC-A-1' },
    })
    assert.equal(received.status(), 200, await received.text())
    await page.getByRole('button', { name: 'Receive', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'This return changed meanwhile' })
    await dialog.getByRole('row', { name: /Stage Hub assigned Received/ }).waitFor()
    // The page reads the return again by itself; the question stays until it is answered.
    await page.waitForResponse(
      (answer) => answer.url().endsWith(`/api/returns/${id}`) && answer.request().method() === 'GET',
    )
    await dialog.getByRole('row', { name: /Stage Hub assigned Received/ }).waitFor()
    await assertAccessible(page, 'a conflict')
    await dialog.getByRole('button', { name: 'Take what is there now' }).click()
    await page.getByRole('heading', { name: 'Check the unit' }).waitFor()
  })

  await t.test('a worker has no form for new returns and is told which permission it needs', async () => {
    await page.request.post('/api/auth/logout')
    await signInToReturns(page, /Worker/)
    assert.equal(await page.getByRole('link', { name: 'New return' }).count(), 0)
    await page.goto('/returns/new')
    await page.getByText('returns:create').waitFor()
    await assertAccessible(page, 'a forbidden page')
  })

  await t.test('everything fits a telephone, in both languages', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const language of ['en', 'hi']) {
      await page.evaluate(`localStorage.setItem('smartreturns-language', '${language}')`)
      for (const path of ['/returns', `/returns/${id}`]) {
        await page.goto(path)
        await page.getByText('Indigo kurta').locator('visible=true').first().waitFor()
        await page.waitForTimeout(500)
        await assertFits(page, `${path} in ${language}`)
        await assertAccessible(page, `${path} in ${language} on a telephone`)
      }
    }
    await page.request.post('/api/auth/logout')
    await page.goto('/login')
    await page.getByRole('button', { name: /कर्मी/ }).waitFor()
    await assertFits(page, '/login')
  })

  // The browser reports every answer above 399 on the console; those were asked for here.
  const unexpected = faults.filter(
    (fault) => !/Failed to load resource: the server responded with a status of (4\d\d|500)/.test(fault),
  )
  assert.deepEqual(unexpected, [])
})
