import assert from 'node:assert/strict'
import { parse } from 'csv-parse/sync'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { assertAccessible, hasBrowser, openBrowser, signIn, picture } from '../support/browser.ts'
import { returnsTable } from '../support/import-files.ts'
import { serve } from '../support/serve.ts'
import { textRows, workbookOf } from '../support/zip.ts'
import { seed } from './seed.ts'

const timeout = 300_000

async function choose(page: Page, name: string, text: string): Promise<void> {
  await page.getByLabel('File to import').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
}

const countOf = (page: Page, name: string) => page.getByTestId(`count-${name}`).textContent()

test('a file is dropped, its columns named, tried and taken in', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  await seed(page)
  await page.reload()

  const pickClient = async () => {
    await page.getByRole('combobox', { name: 'Client' }).click()
    await page.getByRole('option').first().click()
  }

  await t.test('a known file: the mapping is found, a bad row told, the rest taken in once', async () => {
    await page.getByRole('link', { name: 'Import' }).click()
    await page.getByRole('heading', { name: 'Import a file', level: 1 }).waitFor()
    await picture(page, 'imports-empty')
    await assertAccessible(page, 'an import not begun')
    await pickClient()
    await choose(page, 'september.csv', returnsTable(60, { bad: [4, 9], prefix: 'E2E' }))
    await page.getByText('The columns are those of smartreturns-csv.').waitFor()
    await page.getByRole('button', { name: 'Try without writing' }).click()
    await page.getByText('september.csv was tried: nothing was written.').waitFor()
    assert.deepEqual([await countOf(page, 'rows'), await countOf(page, 'refused')], ['60', '2'])
    await page
      .getByRole('region', { name: 'The first refused rows' })
      .getByRole('cell', { name: 'price' })
      .first()
      .waitFor()
    await picture(page, 'imports-tried')
    await assertAccessible(page, 'an import that was tried')
    const before = await total(page)
    await page.getByRole('button', { name: 'Take it in' }).click()
    await page.getByText('september.csv was taken in.').waitFor()
    assert.equal((await total(page)) - before, 58)
    assert.match(page.url(), /\?job=/)
    await page.reload()
    await page.getByText('september.csv was taken in.').waitFor()
  })

  await t.test('a workbook as Excel keeps it: a row has its number, an error of a formula is refused', async () => {
    await page.goto('/imports')
    await pickClient()
    const table = parse(returnsTable(6, { prefix: 'XLS' }))
    table[3]![table[0]!.indexOf('price')] = '#N/A'
    await page.getByLabel('File to import').setInputFiles({
      name: 'october.xlsx',
      mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      buffer: workbookOf(textRows(table)),
    })
    await page.getByText('Excel workbook, first sheet').waitFor()
    await page.getByText('The columns are those of smartreturns-csv.').waitFor()
    await picture(page, 'imports-workbook')
    await page.getByRole('button', { name: 'Try without writing' }).click()
    await page.getByText('october.xlsx was tried: nothing was written.').waitFor()
    const before = await total(page)
    await page.getByRole('button', { name: 'Take it in' }).click()
    await page.getByText('october.xlsx was taken in.').waitFor()
    const refused = page.getByRole('region', { name: 'The first refused rows' })
    await refused.getByRole('cell', { name: '4', exact: true }).waitFor()
    await refused.getByText('the sheet shows an error here: mend its formula').waitFor()
    assert.equal((await total(page)) - before, 5)
  })

  await t.test('a file of columns that nobody knows gets a mapping of its own, which is kept', async () => {
    await page.goto('/imports')
    await pickClient()
    await choose(page, 'shop.csv', 'Order No;Client Ref;Cause\n1;S-1;too small\n2;S-2;broken\n')
    await page.getByRole('button', { name: 'Make a new mapping' }).click()
    await page.getByRole('textbox', { name: 'Name of the mapping' }).fill('My Shop')
    await page.getByRole('button', { name: 'Save and use' }).click()
    await page.getByRole('textbox', { name: 'Name of the mapping' }).fill('my-shop')
    await page.getByRole('combobox', { name: 'orderRef', exact: true }).click()
    await page.getByRole('option', { name: 'Order No' }).click()
    await picture(page, 'imports-columns')
    await assertAccessible(page, 'columns of a file')
    await page.getByRole('button', { name: 'Save and use' }).click()
    await page.getByRole('button', { name: 'Try without writing' }).click()
    await page.getByText('shop.csv was tried: nothing was written.').waitFor()
    assert.equal(await countOf(page, 'rows'), '2')
    await choose(page, 'shop-october.csv', 'Order No;Client Ref;Cause\n3;S-3;late\n')
    await page.getByText('The columns are those of my-shop.').waitFor()
  })

  await t.test('what is no table is refused with what to do', async () => {
    await choose(page, 'scan.csv', '%PDF-1.7 no table')
    await page.getByRole('alert').getByText(/PDF/).first().waitFor()
  })

  await t.test('on a phone and in Hindi nothing sticks out', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    await page.goto('/imports')
    await page.getByRole('heading', { name: 'फ़ाइल आयात करें', level: 1 }).waitFor()
    const excess = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    assert.ok(excess <= 0, `${excess} px wider than the screen`)
    await picture(page, 'imports-phone')
    await assertAccessible(page, 'imports on a phone')
  })

  await t.test('others are told which permission they lack', async () => {
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
    // A page that asks on would be told that nobody is signed in.
    await page.goto('about:blank')
    await context.clearCookies()
    await signIn(page, /Analyst/)
    await page.goto('/imports')
    await page.getByText('imports:write').waitFor()
  })

  assert.deepEqual(
    faults.filter((fault) => !/status of 415/.test(fault)),
    [],
  )
})

/** Returns that are there: counted by the API's own pages. */
async function total(page: Page): Promise<number> {
  const answer = await page.request.get('/api/returns?limit=200')
  return ((await answer.json()) as { data: unknown[] }).data.length
}
