import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { assertAccessible, hasBrowser, openBrowser, setTheme, signIn, picture } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const timeout = 480_000
type Hub = {
  readonly id: string
  readonly code: string
  readonly version: number
  readonly pincode: string
  readonly capabilities: readonly string[]
}

async function send<T>(page: Page, method: 'GET' | 'POST' | 'PUT', path: string, data?: unknown, version?: number) {
  const headers = version === undefined ? {} : { 'if-match': `"${version}"` }
  const answer = await page.request.fetch(path, { method, headers, ...(data === undefined ? {} : { data }) })
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`)
  return (await answer.json()) as T
}

function unit(clientId: string, clientRef: string, pickupPincode: string) {
  return {
    clientId,
    clientRef,
    title: 'Cotton kurta, blue',
    categoryId: 'fashion.apparel.ethnic',
    price: { amount: 79900, currency: 'INR' },
    reasonCode: 'size_or_fit',
    pickupPincode,
  }
}

test('a manager runs the hubs: sees them live, sets a limit, moves units by a plan', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signIn(page, /Admin/)
  await seed(page)
  const clientId = (await send<{ data: { id: string }[] }>(page, 'GET', '/api/clients')).data[0]!.id
  const hubs = new Map(
    (await send<{ data: Hub[] }>(page, 'GET', '/api/hubs?limit=200')).data.map((hub) => [hub.code, hub]),
  )
  const hubOf = (code: string) => hubs.get(code)!
  const limits: Readonly<Record<string, object>> = {
    'BOM-1': { capacity: 8 },
    'CCU-1': { capacity: 120 },
    'MAA-1': { capacity: 60 },
    'HYD-1': { status: 'paused' },
  }
  for (const { id, code, version, capabilities } of hubs.values()) {
    const change = { capabilities: capabilities.filter((one) => one !== 'large_items'), ...limits[code] }
    const changed = await send<Hub>(page, 'PUT', `/api/hubs/${id}`, change, version)
    hubs.set(code, changed)
  }
  const submit = (count: number, code: string) =>
    send(page, 'POST', '/api/returns', {
      items: Array.from({ length: count }, (_, i) => unit(clientId, `${code}-${i}`, hubOf(code).pincode)),
    })
  await submit(8, 'BOM-1')
  await submit(40, 'MAA-1')
  // Those of Hyderabad go further as long as their own hub is paused.
  await submit(9, 'HYD-1')
  type User = { readonly id: string; readonly email: string; readonly version: number }
  const { data: users } = await send<{ data: User[] }>(page, 'GET', '/api/users?limit=200')
  const ravi = users.find(({ email }) => email.startsWith('ravi@'))!
  const managed = [...hubs.values()].map(({ id }) => id)
  await send(page, 'PUT', `/api/users/${ravi.id}`, { hubIds: managed }, ravi.version)

  await t.test('where there is no hub, the board says what to do', async () => {
    const nothing = { hubs: [], unassigned: { count: 0, units: [] }, asOf: new Date().toISOString() }
    await page.route('**/api/hubs/board', (route) => route.fulfill({ json: nothing }))
    await page.route('**/api/live/hubs*', (route) => route.abort())
    await page.goto('/hubs')
    await page.getByText('No hub yet').waitFor()
    await page.getByText('Reconnecting').waitFor()
    await assertAccessible(page, 'no hubs')
    await setTheme(page, 'light')
    await page.unroute('**/api/hubs/board')
    await page.unroute('**/api/live/hubs*')
  })

  const admin = await context.browser()!.newContext({ baseURL: url })
  await admin.addCookies(await context.cookies())
  const other = await admin.newPage()
  await context.clearCookies()
  await signIn(page, /Manager/)
  const row = (code: string) =>
    page.getByRole('region', { name: 'Table of all hubs' }).getByRole('row').filter({ hasText: code })

  await t.test('the board tells places, queues, and what needs attention', async () => {
    await page.getByRole('link', { name: 'Hubs', exact: true }).click()
    await page.getByRole('heading', { name: 'Hubs', level: 1 }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    await row('BOM-1').getByText('8 of 8').waitFor()
    await page.getByText('BOM-1 is full: no place is left').waitFor()
    await row('MAA-1')
      .getByRole('link', { name: /MAA-1 .*: 40, open the list/ })
      .waitFor()
    await page.getByRole('img', { name: /Map of India with 12 hubs/ }).waitFor()
    await page
      .getByRole('region', { name: /Load of each hub/ })
      .getByRole('cell', { name: '100%' })
      .first()
      .waitFor()
    await picture(page, 'hubs-board')
    await assertAccessible(page, 'the board')
    await picture(page, 'hubs-board-dark')
    await setTheme(page, 'light')
  })

  await t.test('an intake elsewhere is seen without a reload', async () => {
    await send(other, 'POST', '/api/returns', unit(clientId, 'LIVE-1', hubOf('CCU-1').pincode))
    await row('CCU-1').getByText('1 of 120').waitFor()
    await row('CCU-1')
      .getByRole('link', { name: /: 1, open the list/ })
      .waitFor()
  })

  await t.test(
    'a stream that is refused is opened again, what happened meanwhile is there, and it is live',
    async () => {
      await page.route('**/api/live/hubs*', (route) => route.fulfill({ status: 503, body: '' }))
      await page.reload()
      await page.getByText('Reconnecting').waitFor()
      await send(other, 'POST', '/api/returns', unit(clientId, 'LIVE-2', hubOf('CCU-1').pincode))
      await page.unroute('**/api/live/hubs*')
      await row('CCU-1').getByText('2 of 120').waitFor()
      await page.getByText('Live', { exact: true }).waitFor()
      await send(other, 'POST', '/api/returns', unit(clientId, 'LIVE-3', hubOf('CCU-1').pincode))
      await row('CCU-1').getByText('3 of 120').waitFor()
    },
  )

  await t.test('a figure opens the returns behind it', async () => {
    await row('CCU-1')
      .getByRole('link', { name: /open the list/ })
      .click()
    await page.waitForURL(/\/returns\?hub=/)
    await page.getByText('Cotton kurta, blue').nth(1).waitFor()
    await page.goBack()
    await page.getByText('Live', { exact: true }).waitFor()
  })

  await t.test('a limit is set; not below what is held, and not over what another wrote', async () => {
    await row('BOM-1').getByRole('button', { name: 'Change BOM-1' }).click()
    const dialog = page.getByRole('dialog')
    const places = dialog.getByLabel('Places', { exact: true })
    await places.fill('3')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText(/holds more than 3 units now/).waitFor()
    await picture(page, 'hubs-edit')
    await assertAccessible(page, 'the form of a hub')
    await setTheme(page, 'light')
    await send(other, 'PUT', `/api/hubs/${hubOf('BOM-1').id}`, { capacity: 20 }, hubOf('BOM-1').version)
    await places.fill('16')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText(/the hub is at version/).waitFor()
    await dialog.getByRole('button', { name: 'Take what is there now' }).click()
    await dialog.getByText(/the hub is at version/).waitFor({ state: 'hidden' })
    assert.equal(await places.inputValue(), '20')
    await places.fill('16')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await row('BOM-1').getByText('8 of 16').waitFor()
    await page.getByText('BOM-1 is full: no place is left').waitFor({ state: 'hidden' })
  })

  await t.test('a plan is looked at, thinned out, refused when it is out of date, and committed', async () => {
    await page.getByRole('button', { name: 'Rebalance' }).click()
    await page.getByText('No move saves enough').waitFor()
    await page.keyboard.press('Escape')
    await send(other, 'PUT', `/api/hubs/${hubOf('HYD-1').id}`, { status: 'active' }, hubOf('HYD-1').version)
    await page.getByRole('button', { name: 'Rebalance' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Commit 9 moves' }).waitFor()
    await picture(page, 'hubs-plan')
    await assertAccessible(page, 'a plan')
    await setTheme(page, 'light')
    await dialog
      .getByRole('checkbox', { name: /^Move / })
      .first()
      .click()
    await dialog.getByRole('button', { name: 'Commit 8 moves' }).waitFor()

    const { moves } = await send<{ moves: { returnId: string; lpn: string; fromHubId: string }[] }>(
      other,
      'POST',
      '/api/hubs/rebalance',
    )
    const last = moves.at(-1)!
    await send(other, 'POST', `/api/returns/${last.returnId}/receive`, { hubId: last.fromHubId })
    await dialog.getByRole('button', { name: 'Commit 8 moves' }).click()
    await dialog.getByText(`the plan is out of date: ${last.lpn}`).first().waitFor()
    await picture(page, 'hubs-plan-stale')
    await assertAccessible(page, 'a plan that is out of date')
    await setTheme(page, 'light')
    await dialog.getByRole('button', { name: 'Plan anew' }).click()
    await dialog.getByRole('button', { name: 'Commit 8 moves' }).click()
    await page.getByText(/8 units moved, saves/).waitFor()
    await dialog.waitFor({ state: 'hidden' })
  })

  await t.test('one hub: its queues, its days, what was changed', async () => {
    await row('BOM-1').getByRole('link', { name: 'BOM-1', exact: true }).click()
    await page.getByRole('heading', { name: 'BOM-1 · Mumbai Bhiwandi', level: 1 }).waitFor()
    await page.getByText('Places: 20 → 16').waitFor()
    await page.getByRole('img', { name: /Places taken at the end/ }).waitFor()
    await page.waitForTimeout(800)
    await picture(page, 'hub-page')
    await page.getByRole('button', { name: 'As a table' }).click()
    await page
      .getByRole('region', { name: /Places taken/ })
      .getByRole('cell', { name: '8', exact: true })
      .first()
      .waitFor()
    await assertAccessible(page, 'one hub')
    await picture(page, 'hub-page-dark')
    await setTheme(page, 'light')
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByRole('dialog').getByLabel('Places', { exact: true }).fill('9')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByText('8 of 9').waitFor()
    await page.getByText('Places: 16 → 9').waitFor()
  })

  await t.test('who has no hub is listed with the reason, and gets one when there is room', async () => {
    await page.goto('/hubs')
    await page.getByText('Live', { exact: true }).waitFor()
    await send(other, 'POST', '/api/returns', {
      ...unit(clientId, 'LARGE-1', hubOf('BOM-1').pincode),
      categoryId: 'home.appliance.large',
      title: 'Fridge, 260 l',
    })
    await page.getByRole('link', { name: 'Fridge, 260 l' }).waitFor()
    await page.getByText('No hub can handle it').waitFor()
    await picture(page, 'hubs-unassigned')
    await assertAccessible(page, 'units without a hub')
    await setTheme(page, 'light')
    await page.getByRole('button', { name: /^Find a hub for/ }).click()
    await page.getByText('0 of 1 have a hub now').waitFor()
    const { version } = await send<Hub>(other, 'GET', `/api/hubs/${hubOf('DEL-1').id}`)
    await send(
      other,
      'PUT',
      `/api/hubs/${hubOf('DEL-1').id}`,
      { capabilities: [...hubOf('DEL-1').capabilities, 'large_items'] },
      version,
    )
    await page.getByRole('button', { name: /^Find a hub for/ }).click()
    await page.getByText('Every open unit has a hub.').waitFor()
  })

  await t.test('an error of one panel never blanks the others, and can be tried again', async () => {
    await page.route('**/api/hubs/occupancy*', (route) => route.fulfill({ status: 500, body: '' }))
    await page.reload()
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor()
    await row('BOM-1').getByText('8 of 9').waitFor()
    await page.unroute('**/api/hubs/occupancy*')
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('region', { name: /Load of each hub/ }).waitFor()
  })

  await t.test('on a phone and in Hindi nothing sticks out', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    for (const [path, heading, name] of [
      ['/hubs', 'हब', 'board'],
      [`/hubs/${hubOf('BOM-1').id}`, 'BOM-1 · Mumbai Bhiwandi', 'page'],
    ] as const) {
      await page.goto(path)
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
      await page.getByText(/में से/).first().waitFor()
      const excess = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.ok(excess <= 0, `${path} is ${excess} px wider than the screen`)
      await page.waitForTimeout(800)
      await picture(page, `phone-hubs-${name}`)
      await assertAccessible(page, path)
      await setTheme(page, 'light')
    }
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
  })

  await t.test('an analyst reads and changes nothing', async () => {
    await context.clearCookies()
    await signIn(page, /Analyst/)
    await page.goto('/hubs')
    await row('BOM-1').getByText('8 of 9').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Open a hub' }).count(), 0)
    assert.equal(await page.getByRole('button', { name: 'Rebalance' }).count(), 0)
    assert.equal(await page.getByRole('button', { name: /^Change/ }).count(), 0)
    await page.goto(`/hubs/${hubOf('BOM-1').id}`)
    await page.getByText('Places: 16 → 9').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Change', exact: true }).count(), 0)
  })

  await t.test('an administrator opens a hub: what is missing or wrong is told', async () => {
    await context.clearCookies()
    await signIn(page, /Admin/)
    await page.goto('/hubs')
    await page.getByRole('button', { name: 'Open a hub' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Open a hub' }).click()
    await dialog.getByText('Two to four letters, a hyphen, and a number, such as BLR-2').waitFor()
    await dialog.getByText('A PIN code has six digits').waitFor()
    await dialog.getByRole('textbox', { name: 'Code', exact: true }).fill('bom-1')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Mysuru')
    await dialog.getByRole('textbox', { name: 'PIN code' }).fill('570001')
    await dialog.getByRole('textbox', { name: 'Places' }).fill('1200')
    await dialog.getByRole('textbox', { name: 'Minutes of work a day' }).fill('2400')
    await picture(page, 'open-a-hub')
    await assertAccessible(page, 'opening a hub')
    await dialog.getByRole('button', { name: 'Open a hub' }).click()
    await dialog.getByRole('alert').waitFor()
    await dialog.getByRole('textbox', { name: 'Code', exact: true }).fill('mys-1')
    await dialog.getByRole('button', { name: 'Open a hub' }).click()
    await dialog.waitFor({ state: 'detached' })
    await row('MYS-1').getByText('0 of 1,200').waitFor()
  })

  await admin.close()
  assert.deepEqual(
    // What was refused or cut on purpose.
    faults.filter((fault) => !/status of (409|412|500|503)|ERR_FAILED/.test(fault)),
    [],
  )
})
