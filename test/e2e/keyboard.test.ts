import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { assertAccessible, hasBrowser, home, openBrowser } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 300_000
const tabsMax = 90

/** Walks with the Tab key alone until the element has the focus: what cannot be reached fails. */
async function tabTo(page: Page, wanted: Locator, name: string): Promise<void> {
  await wanted.first().waitFor({ state: 'attached' })
  for (let tabs = 0; tabs < tabsMax; tabs++) {
    if (await wanted.first().evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`${name} is not reached by ${tabsMax} tabs`)
}

async function press(page: Page, role: 'button' | 'link' | 'menuitem', name: string | RegExp): Promise<void> {
  await tabTo(page, page.getByRole(role, { name }), String(name))
  await page.keyboard.press('Enter')
}

async function type(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, page.getByRole('textbox', { name }), name)
  await page.keyboard.type(text)
}

async function choose(page: Page, name: string, option: string): Promise<void> {
  await tabTo(page, page.getByRole('combobox', { name, exact: true }), name)
  await page.keyboard.press('Enter')
  const wanted = page.getByRole('option', { name: option, exact: true })
  await wanted.waitFor()
  for (let steps = 0; steps < 60; steps++) {
    if ((await wanted.getAttribute('data-combobox-selected')) !== null) break
    await stepDown(page)
  }
  await page.keyboard.press('Enter')
}

/** One option further, and not before the list shows it: a step that comes late would choose the one after. */
async function stepDown(page: Page): Promise<void> {
  const marked = () =>
    page.evaluate<string | null>(`document.querySelector('[data-combobox-selected]')?.textContent ?? null`)
  const before = await marked()
  await page.keyboard.press('ArrowDown')
  for (let tries = 0; tries < 100 && (await marked()) === before; tries++) await page.waitForTimeout(20)
}

/** The first answer of a question by Space, those after it by the arrows, as radio buttons work everywhere. */
async function answer(page: Page, question: string, place: number): Promise<void> {
  const group = page.getByRole('group', { name: question })
  await tabTo(page, group.getByRole('radio'), question)
  await page.keyboard.press('Space')
  for (let steps = 0; steps < place; steps++) await page.keyboard.press('ArrowDown')
  await group.getByRole('radio', { checked: true }).waitFor({ state: 'attached' })
}

/** Everything that is pressed is at least 44 px high (gloves, thumbs). A link that covers its row counts as the row. */
async function assertTargets(page: Page, name: string): Promise<void> {
  const small = await page.evaluate<string[]>(`(() => {
    const height = (e) => Math.max(e.getBoundingClientRect().height, parseFloat(getComputedStyle(e, '::after').height) || 0)
    const isOwn = (e) => !['radio', 'checkbox', 'file'].includes(e.type) && !e.className.includes('skip-link')
    return [...document.querySelectorAll('a, button, input, [role=menuitem]')]
      .filter((e) => e.getClientRects().length > 0 && isOwn(e) && height(e) < 43.5)
      .map((e) => e.tagName + ' ' + (e.getAttribute('aria-label') ?? e.textContent).trim() + ' ' + height(e))
  })()`)
  assert.deepEqual(small, [], `targets of ${name}`)
}

/** In Hindi nothing of ours is left in English: names of goods, people and codes are not ours. */
async function assertHindi(page: Page, names: readonly string[]): Promise<void> {
  const latin = await page.evaluate<string[]>(`(() => {
    const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
    const found = []
    while (walk.nextNode()) {
      const text = walk.currentNode.data.trim()
      if (/[a-z]{3}/.test(text) && !walk.currentNode.parentElement.closest('.code, time')) found.push(text)
    }
    return found
  })()`)
  assert.deepEqual(
    latin.filter((text) => !names.some((name) => text.includes(name))),
    [],
  )
}

test('one return goes through the whole flow by keyboard alone', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)

  await page.goto('/login')
  await press(page, 'button', /Admin/)
  await page.waitForURL(home)
  await page.goto('/returns')
  const { pincode } = await seed(page)
  await page.reload()

  await press(page, 'link', 'New return')
  await page.waitForURL('**/returns/new')
  await type(page, 'Client reference', 'KEYS-1/1')
  // One client is chosen by itself; the demo has one.
  await tabTo(page, page.getByRole('radio', { name: 'By SKU' }), 'By SKU')
  await page.keyboard.press('ArrowRight')
  await type(page, 'Title', 'Indigo kurta')
  await choose(page, 'Category', 'Kurtas, sarees and ethnic wear')
  await type(page, 'Price paid', '1299')
  await choose(page, 'Reason', 'Size or fit')
  await type(page, 'Pickup PIN code', pincode)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/returns\/[0-9a-f-]{36}$/)
  await page.getByRole('heading', { name: 'Receive the unit' }).waitFor()
  await assertTargets(page, 'a return to be received')

  await type(page, 'Location', 'LOC-BENCH-07')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Check the unit' }).waitFor()
  await answer(page, 'Has it been worn?', 0)
  await answer(page, 'What state is it in?', 0)
  await press(page, 'button', 'Record the check')
  await page.getByRole('button', { name: 'Check again' }).waitFor()

  await t.test('a review is approved by keyboard when the rules ask for one', async () => {
    const approve = page.getByRole('button', { name: 'Approve' })
    if (!(await approve.isVisible())) return
    await press(page, 'button', 'Approve')
    await approve.waitFor({ state: 'detached' })
  })

  await t.test('another choice than the engine says who made it and why', async () => {
    await press(page, 'button', 'Choose another…')
    await page.getByRole('dialog').waitFor()
    await choose(page, 'Disposition', 'Hold')
    await choose(page, 'Why', 'The client asked for it')
    await press(page, 'button', 'Decide: Hold')
    const note = page.getByTestId('overridden')
    await note.getByText('Overridden: Hold').waitFor()
    await note.getByText('The client asked for it').waitFor()
    await note.getByText('Demo Admin').waitFor()
  })

  await t.test('a decision is changed, and what is accepted is not offered twice', async () => {
    await press(page, 'button', /^Accept: /)
    await page.getByTestId('overridden').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Change the decision…' }).waitFor()
    assert.equal(await page.getByRole('button', { name: /^Accept: / }).count(), 0)
  })

  await type(page, 'Realised value', '820')
  await type(page, 'Acknowledgement', 'GRN-9')
  await page.keyboard.press('Enter')
  await page.getByTestId('realised').getByText('₹820').waitFor()

  await t.test('the engine is told what its recommendation was worth', async () => {
    await press(page, 'button', 'Not helpful')
    await page.getByText('Recorded as not helpful').waitFor()
    await page.getByText('Marked as not helpful').waitFor()
  })

  await t.test('who may read the log sees its records and that its chain is whole', async () => {
    await press(page, 'button', 'Verify the hash chain')
    await page.getByText(/^The chain is whole: /).waitFor()
    await press(page, 'button', 'Records')
    await page.getByText(/· ReturnSubmitted$/).waitFor()
    const download = page.waitForEvent('download')
    await press(page, 'button', 'Signed export')
    assert.match((await download).suggestedFilename(), /^audit-LP-.*\.json$/)
    await assertAccessible(page, 'a return with its audit')
  })

  await t.test('in Hindi every word of ours is Hindi, also those of rubrics and rules', async () => {
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    await page.reload()
    await page.getByRole('heading', { name: 'समयरेखा' }).waitFor()
    await page.getByRole('button', { name: /वर्जित/ }).click()
    await page.getByRole('button', { name: 'यह कैसे निकला' }).first().click()
    await assertHindi(page, ['Indigo kurta', 'Demo Admin', 'Amazon', 'Flipkart', 'returns-', 'smartreturns'])
    const address = page.url()
    await page.goto('/returns')
    await page.getByRole('link', { name: 'Indigo kurta' }).waitFor()
    await assertHindi(page, ['Indigo kurta'])
    await assertTargets(page, 'the list')
    await page.goto(address)
  })

  assert.deepEqual(faults, [])
})
