import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { assertAccessible, hasBrowser, openBrowser, signIn } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 300_000
const explanations = /\/explanation(\?|$)/

type Explained = {
  readonly basis: string
  readonly reasons: readonly { readonly code: string; readonly amount: number }[]
  readonly other: { readonly disposition: string; readonly channel: string }
}

async function submit(page: Page, pickupPincode: string): Promise<string> {
  const clients = (await (await page.request.get('/api/clients')).json()) as { data: { id: string }[] }
  const response = await page.request.post('/api/returns', {
    data: {
      clientId: clients.data[0]?.id,
      clientRef: 'WHY/1',
      title: 'Rockerz 450 headphones',
      categoryId: 'electronics.audio.headphone',
      price: { amount: 449_900, currency: 'INR' },
      reasonCode: 'defective',
      isOpened: true,
      pickupPincode,
    },
  })
  assert.equal(response.status(), 201, await response.text())
  return ((await response.json()) as { id: string }).id
}

/** Amounts of the lines, in whole rupees, as they are shown. */
async function amountsOf(lines: Locator): Promise<number[]> {
  const texts = await lines.locator('.num').allTextContents()
  return texts.map((text) => Number(text.replaceAll(/[^\d\u2212-]/g, '').replace('\u2212', '-')))
}

async function assertFits(page: Page, name: string): Promise<void> {
  const excess = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  assert.ok(excess <= 0, `${name} is ${excess} px wider than the screen`)
}

/** What the server would answer, but for some fields. */
async function answerWith(page: Page, over: (body: Explained) => object): Promise<void> {
  await page.route(explanations, async (route) => {
    const response = await route.fetch()
    const body = (await response.json()) as Explained
    await route.fulfill({ response, json: { ...body, ...over(body) } })
  })
}

test('a recommendation says why, against any other route', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  const { pincode } = await seed(page)
  const id = await submit(page, pincode)
  const why = page.getByRole('region', { name: 'Why' })
  const reasons = page.getByTestId('reasons').getByRole('listitem')
  const pressed = page.getByRole('table').getByRole('button', { pressed: true })

  await t.test('the page does not wait for it; a failure can be tried again', async () => {
    let isFailing = true
    await page.route(explanations, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500))
      if (!isFailing) return route.continue()
      return route.fulfill({ status: 500, contentType: 'application/json', body: '{}' })
    })
    await page.goto(`/returns/${id}`)
    await why.getByRole('status', { name: 'Loading' }).waitFor()
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()
    await page.getByTestId('recommended').waitFor()
    await why.getByRole('alert').waitFor()
    await assertAccessible(page, 'a failed explanation')
    isFailing = false
    await why.getByRole('button', { name: 'Try again' }).click()
    await reasons.first().waitFor()
    await page.unroute(explanations)
  })

  await t.test('the reasons of the model add up', async () => {
    const answer = await page.request.get(`/api/returns/${id}/explanation`)
    const explained = (await answer.json()) as Explained
    assert.equal(explained.basis, 'shapley')
    const amounts = await amountsOf(reasons)
    assert.ok(amounts.length >= 3 && amounts.length <= 7, `${amounts.length} lines`)
    const inAll = amounts.pop()
    assert.equal(
      amounts.reduce((sum, amount) => sum + amount, 0),
      inAll,
    )
    await reasons.getByText('A typical unit').waitFor()
    await why.getByText(/^Against .+ through .+/).waitFor()
    await assertAccessible(page, 'the reasons of a model')
  })

  await t.test('another route is compared with by keyboard; the address restores it', async () => {
    const before = await why.getByText(/^Against/).textContent()
    const other = page.getByRole('table').getByRole('button', { pressed: false }).first()
    const answered = page.waitForResponse(explanations)
    await other.focus()
    await page.keyboard.press('Enter')
    const { other: compared } = (await (await answered).json()) as Explained
    await page.waitForURL(new RegExp(`against=${compared.disposition}\\.${compared.channel}`))
    const after = (await why.getByText(/^Against/).textContent()) ?? ''
    assert.notEqual(after, before)
    await reasons.first().waitFor()
    await page.reload()
    await why.getByText(after, { exact: true }).waitFor()
    await reasons.first().waitFor()
    assert.equal(await pressed.count(), 1)
    await assertAccessible(page, 'another comparison')
  })

  await t.test('what is sampled is marked, and who did not answer is named', async () => {
    const fellBack = [{ level: 'L0', engine: 'open-inference', why: 'timeout' }]
    await answerWith(page, () => ({ basis: 'sampled', isApproximate: true, fellBack }))
    await page.goto(`/returns/${id}`)
    await why.getByText('Approximate', { exact: true }).waitFor()
    await why.getByText(/The model server did not answer: decided by the trees in this process/).waitFor()
    await assertAccessible(page, 'a sampled explanation')
    await page.unroute(explanations)
  })

  await t.test('without the model there are the parts of the two values', async () => {
    const parts = [{ code: 'gross', params: {}, amount: 12_300, text: 'Expected proceeds' }]
    await answerWith(page, () => ({ basis: 'breakdown', why: 'other_model', typical: null, reasons: parts }))
    await page.goto(`/returns/${id}`)
    await why.getByText(/^The model that decided is not here any more/).waitFor()
    await reasons.getByText('Expected proceeds').waitFor()
    await assertAccessible(page, 'a breakdown')
    await page.unroute(explanations)
  })

  await t.test('it fits a telephone, in both languages', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const language of ['en', 'hi']) {
      await page.evaluate(`localStorage.setItem('smartreturns-language', '${language}')`)
      await page.goto(`/returns/${id}`)
      await page.getByTestId('recommended').scrollIntoViewIfNeeded()
      await reasons.first().waitFor()
      await assertFits(page, language)
      await assertAccessible(page, `the reasons on a telephone in ${language}`)
    }
    await reasons.getByText('एक आम इकाई').waitFor()
    assert.doesNotMatch((await page.getByTestId('reasons').textContent()) ?? '', /because\.|undefined/)
  })

  const unexpected = faults.filter((fault) => !/Failed to load resource.*status of 500/.test(fault))
  assert.deepEqual(unexpected, [])
})
