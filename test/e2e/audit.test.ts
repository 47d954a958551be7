import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { assertAccessible, hasBrowser, openBrowser, signIn, picture } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 300_000
const script = resolve(import.meta.dirname, '..', '..', 'scripts', 'verify-audit-export.mjs')
const run = promisify(execFile)

test('an administrator reads the audit trail and takes a proof away', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  const { pincode } = await seed(page)
  const clients = (await (await page.request.get('/api/clients')).json()) as { data: { id: string }[] }
  const submitted = await page.request.post('/api/returns', {
    data: {
      clientId: clients.data[0]!.id,
      clientRef: 'AUDIT-1',
      title: 'Rain coat, yellow',
      categoryId: 'fashion.apparel.ethnic',
      price: { amount: 79900, currency: 'INR' },
      reasonCode: 'size_or_fit',
      pickupPincode: pincode,
    },
  })
  assert.equal(submitted.status(), 201)
  const { id } = (await submitted.json()) as { id: string }

  await page.reload()
  await page.getByRole('link', { name: 'Audit' }).click()
  await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Before and after' }).first().waitFor()
  await assertAccessible(page, 'audit')

  await t.test('filters by object and by who', async () => {
    await page.getByRole('textbox', { name: 'Object' }).fill(id)
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('ReturnSubmitted').waitFor()
    await page.getByText('SignedIn').first().waitFor({ state: 'detached' })
    await page.getByRole('textbox', { name: 'What' }).fill('ReturnSubmitted')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('DispositionRecommended').first().waitFor({ state: 'detached' })
    await page.getByText(/^by Demo Admin/).waitFor()
    await page.getByText(/^from 127\.0\.0\.0\/24 chrome$/).waitFor()
  })

  await t.test('a record tells before and after, its mark, and gives the signed export', async () => {
    await page.getByRole('button', { name: 'Before and after' }).click()
    await page.getByRole('rowheader', { name: 'title' }).waitFor()
    await page.getByRole('cell', { name: 'Rain coat, yellow' }).waitFor()
    const waiting = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Signed export of the return' }).click()
    const download = await waiting
    assert.equal(download.suggestedFilename(), `audit-${id}.json`)
    const file = await download.path()
    assert.ok((await readFile(file, 'utf8')).includes('smartreturns-audit-export/1'))
    const { stdout } = await run(process.execPath, [script, file])
    assert.match(stdout, /^good: all \d+ records/)
    await page.reload()
    await page.getByRole('textbox', { name: 'Object' }).fill(id)
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('SignedIn').first().waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Before and after' }).last().click()
    await page.getByText(/^Proven: it stands among the/).waitFor()
    await assertAccessible(page, 'an audit record')
    await picture(page, 'audit-record')
  })

  await t.test('the whole log is verified', async () => {
    await page.getByRole('button', { name: 'Verify the whole log' }).click()
    await page.getByText(/^The log is whole: /).waitFor()
    await picture(page, 'audit')
  })

  await t.test('in Hindi, on a phone, and not for everybody', async () => {
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.reload()
    await page.getByRole('heading', { name: 'ऑडिट', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'पहले और बाद में' }).first().click()
    await page.getByRole('columnheader', { name: 'बाद में' }).waitFor()
    const overflows = await page.evaluate<boolean>(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    )
    assert.equal(overflows, false)
    await picture(page, 'audit-hindi')
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.request.post('/api/auth/logout')
    await signIn(page, /Worker/)
    await page.goto('/audit')
    await page
      .getByText(/audit:read|not allowed|may not/i)
      .first()
      .waitFor()
    assert.equal(await page.getByRole('link', { name: 'Audit' }).count(), 0)
  })
  assert.deepEqual(faults, [])
})
