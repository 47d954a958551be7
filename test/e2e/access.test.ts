import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible, hasBrowser, openBrowser, signIn, picture } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 300_000

test('an administrator says who may come in, and gives programs their keys', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  await seed(page)
  await page.reload()

  await t.test('a person is invited, bound to a hub, and switched off', async () => {
    await page.getByRole('link', { name: 'Users' }).click()
    await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor()
    await page.getByText('asha@demo.smartreturns.local').waitFor()
    await picture(page, 'users')
    await assertAccessible(page, 'users')
    await page.getByRole('button', { name: 'Invite a person' }).click()
    await page.getByRole('button', { name: 'Send the invitation' }).click()
    await page.getByText('An address such as asha@example.com').waitFor()
    await page.getByRole('textbox', { name: 'E-mail' }).fill('leela@example.in')
    await page.getByRole('textbox', { name: 'Name' }).fill('Leela R.')
    await page.getByRole('combobox', { name: 'Hubs' }).click()
    await page.getByRole('option', { name: /BLR-2/ }).click()
    await page.keyboard.press('Tab')
    await page.getByRole('option', { name: /BLR-2/ }).waitFor({ state: 'hidden' })
    await assertAccessible(page, 'an invitation')
    await page.getByRole('button', { name: 'Send the invitation' }).click()
    const row = page.getByRole('listitem').filter({ hasText: 'leela@example.in' })
    await row.getByText('Invited').waitFor()
    await row.getByText('Worker · BLR-2').waitFor()
    await row.getByRole('button', { name: 'Change Leela R.' }).click()
    await page.getByRole('switch', { name: 'May come in' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await row.getByText('Switched off').waitFor()
  })

  await t.test('who was changed by another meanwhile is not overwritten', async () => {
    const row = page.getByRole('listitem').filter({ hasText: 'leela@example.in' })
    await row.getByRole('button', { name: 'Change Leela R.' }).click()
    const { data } = (await (await page.request.get('/api/users?limit=200')).json()) as {
      data: { id: string; email: string; version: number }[]
    }
    const leela = data.find(({ email }) => email === 'leela@example.in')!
    await page.request.put(`/api/users/${leela.id}`, {
      data: { name: 'Leela Rao' },
      headers: { 'if-match': `"${leela.version}"` },
    })
    await page.getByRole('textbox', { name: 'Name' }).fill('Leela')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').getByRole('alert').first().waitFor()
    await page.keyboard.press('Escape')
  })

  await t.test('a key is made, shown once, works, and is revoked', async () => {
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByText('No program has a key yet.').waitFor()
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByRole('textbox', { name: 'What it is for' }).fill('Shop')
    await page.getByRole('combobox', { name: 'Client' }).click()
    await page.getByRole('option').first().click()
    await picture(page, 'new-key')
    await assertAccessible(page, 'a new key')
    await page.getByRole('button', { name: 'Make the key' }).click()
    const key = (await page.getByTestId('key').textContent())!.trim()
    assert.match(key, /^sr_live_/)
    const status = async () =>
      (await fetch(`${url}/api/returns?limit=1`, { headers: { authorization: `Bearer ${key}` } })).status
    assert.equal(await status(), 200)
    await page.getByRole('button', { name: 'I have kept it' }).click()
    assert.equal(await page.getByText(key).count(), 0)
    await page.getByText('Works').waitFor()
    await picture(page, 'keys')
    await assertAccessible(page, 'keys')
    await page.getByRole('button', { name: 'Revoke Shop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('Revoked', { exact: true }).waitFor()
    for (let i = 0; i < 20 && (await status()) === 200; i++) await page.waitForTimeout(200)
    assert.equal(await status(), 401)
  })

  await t.test('on a phone and in Hindi nothing sticks out', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    for (const [path, heading] of [
      ['/users', 'उपयोगकर्ता'],
      ['/keys', 'API कुंजियाँ'],
    ] as const) {
      await page.goto(path)
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
      await page.getByRole('listitem').first().waitFor()
      const excess = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.ok(excess <= 0, `${path} is ${excess} px wider than the screen`)
      await picture(page, `phone${path.replace('/', '-')}`)
      await assertAccessible(page, path)
    }
  })

  await t.test('others are told which permission they lack', async () => {
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
    await context.clearCookies()
    await signIn(page, /Analyst/)
    await page.goto('/users')
    await page.getByText('users:manage').waitFor()
    await page.goto('/keys')
    await page.getByText('keys:manage').waitFor()
  })

  assert.deepEqual(
    faults.filter((fault) => !/status of 412/.test(fault)),
    [],
  )
})
