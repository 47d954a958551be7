import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { seed } from '../e2e/seed.ts'
import { home } from './browser.ts'

/** What the tests of the worker station share. */

export type Unit = { readonly id: string; readonly lpn: string; readonly rmaNumber: string }

const kinds = {
  /** Two questions, no photo. */
  cream: { title: 'Neem face cream 50 g', categoryId: 'beauty.personal.cosmetics', amount: 54_900 },
  /** One photo at least, and more by what is found. */
  bag: { title: 'Waxed canvas backpack, 22 l', categoryId: 'fashion.accessory.bag', amount: 149_900 },
  phone: { title: 'Dipa N5 smartphone 128 GB, black', categoryId: 'electronics.mobile.smartphone', amount: 1_699_900 },
} as const

let refs = 0

async function clientOf(page: Page): Promise<string> {
  const clients = (await (await page.request.get('/api/clients')).json()) as { data: { id: string; code: string }[] }
  const client = clients.data.find(({ code }) => code === 'nila') ?? clients.data[0]
  assert.ok(client, 'there is a client')
  return client.id
}

/** An article of the client's catalogue: a return of one that is not in it needs a person. */
export async function knowArticle(page: Page, kind: keyof typeof kinds, sku: string): Promise<void> {
  await seed(page)
  const { title, categoryId } = kinds[kind]
  const answer = await page.request.post('/api/products', {
    data: { clientId: await clientOf(page), sku, title, categoryId },
  })
  assert.ok(answer.ok(), await answer.text())
}

/** Units that the worker's hub expects; the page must be signed in as an administrator. */
export async function expectUnits(
  page: Page,
  kind: keyof typeof kinds,
  count: number,
  more: object = {},
): Promise<Unit[]> {
  const { pincode } = await seed(page)
  const clientId = await clientOf(page)
  const { title, categoryId, amount } = kinds[kind]
  const items = Array.from({ length: count }, () => ({
    clientId,
    clientRef: `STATION-${(refs += 1)}`,
    title,
    categoryId,
    price: { amount, currency: 'INR' },
    reasonCode: 'changed_mind',
    isOpened: false,
    pickupPincode: pincode,
    ...more,
  }))
  const answer = await page.request.post('/api/returns', { data: { items } })
  assert.equal(answer.status(), 200, await answer.text())
  const { results } = (await answer.json()) as { results: { status: number; value: Unit }[] }
  assert.deepEqual(
    results.map(({ status }) => status),
    items.map(() => 201),
  )
  return results.map(({ value }) => value)
}

export async function signInAs(page: Page, role: RegExp): Promise<void> {
  await page.context().clearCookies()
  await page.goto('/login')
  await page.getByRole('button', { name: role }).click()
  await page.waitForURL(home)
}

/** As a scanner does: every key at once, then Enter. */
export async function scan(page: Page, code: string): Promise<void> {
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
}

export async function openBench(page: Page): Promise<void> {
  await page.goto('/station')
  await page.getByRole('heading', { name: 'Scan your bench card' }).waitFor()
  await scan(page, 'LOC-BENCH-07')
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
}

export async function said(page: Page, key: string): Promise<string> {
  const strip = page.locator(`[data-message="${key}"]`)
  await strip.waitFor()
  return strip.innerText()
}

/** What stands in the store of the device. */
export function kept<T>(page: Page, store: string): Promise<T[]> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const opened = indexedDB.open('smartreturns-station')
    opened.onsuccess = () => {
      const all = opened.result.transaction(${JSON.stringify(store)}).objectStore(${JSON.stringify(store)}).getAll()
      all.onsuccess = () => resolve(all.result)
      all.onerror = () => reject(all.error)
    }
  })`)
}

/** Until a look at the device's store is as it should be. */
export async function until(what: string, look: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await look())) {
    if (Date.now() > end) assert.fail(`not within ${timeoutMs} ms: ${what}`)
    await sleep(60)
  }
}

/** Everything that was done here has reached the server. */
export function settled(page: Page, timeoutMs?: number): Promise<void> {
  return until('nothing waits', async () => (await kept(page, 'commands')).length === 0, timeoutMs)
}

/** Pictures for people, where a folder for them is named: both themes, a phone's width and a desk's. */
export async function pictures(page: Page, name: string): Promise<void> {
  const folder = process.env['SMARTRETURNS_TEST_PICTURES']
  if (folder === undefined) return
  const before = page.viewportSize() ?? { width: 1280, height: 900 }
  for (const [width, height] of [
    [1280, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const theme of ['light', 'dark'] as const) {
      await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${theme}')`)
      await page.waitForTimeout(250)
      await page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) })
    }
  }
  await page.setViewportSize(before)
  await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', 'light')`)
}

export async function assertFits(page: Page, name: string): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 900 }
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 })
    const excess = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    assert.ok(excess <= 0, `${name} is ${excess} px wider than a screen of ${width} px`)
  }
  await page.setViewportSize(before)
}
