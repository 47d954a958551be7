import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const chromiumPath = '/usr/bin/chromium'

/** False, with the reason told to the runner, where there is no browser; CI promises one. */
export function hasBrowser(t: TestContext): boolean {
  if (existsSync(chromiumPath)) return true
  if (process.env['REQUIRE_ENGINES'] === '1') assert.fail(`no Chromium at ${chromiumPath}`)
  t.skip(`no Chromium at ${chromiumPath}`)
  return false
}

export type Watch = {
  readonly context: BrowserContext
  /** Errors of the console and of the pages, and requests that left the origin. */
  readonly faults: readonly string[]
}

/** A browser that takes note of everything that should not happen. */
export async function openBrowser(t: TestContext, url: string): Promise<Watch> {
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  t.after(() => browser.close())
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    timezoneId: 'Asia/Kolkata',
    baseURL: url,
  })
  const faults: string[] = []
  const { origin } = new URL(url)
  context.on('console', (message) => {
    // The first question of a signed-out browser is who it is: the answer 401 is no fault.
    const isExpected = /status of 401/.test(message.text()) && /\/api\/auth\//.test(message.location().url)
    if (message.type() === 'error' && !isExpected) faults.push(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => faults.push(`page: ${error.error().message}`))
  context.on('request', (request) => {
    const target = new URL(request.url())
    if (target.protocol.startsWith('http') && target.origin !== origin)
      faults.push(`request left the origin: ${request.url()}`)
  })
  return { context, faults }
}

/**
 * Until nothing is asked for any more, or for some seconds at most: the event of the browser does not always come, and a page that
 * asks again and again never rests. What is wanted of the page is asserted afterwards.
 */
export async function atRest(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: 8000 }).catch(() => undefined)
}

export async function setTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  // The page's own globals are not known to the types here, so the code is text.
  await page.evaluate(
    `localStorage.setItem('smartreturns-theme', '${theme}'); document.documentElement.setAttribute('data-mantine-color-scheme', '${theme}')`,
  )
}

/** WCAG 2.2 AA in both themes. */
export async function assertAccessible(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await setTheme(page, theme)
    // Colours that are still on their way to the theme would be measured in between.
    await page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() =>
      Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)))`)
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze()
    const found = violations.map(
      (one) =>
        `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ')}`,
    )
    assert.deepEqual(found, [], `${name}, ${theme}`)
  }
}

/** The pages where the work of a role begins. */
export const home = /\/(station|hubs(\/[0-9a-f-]{36})?|analytics|admin|returns)$/

/** By the button that a demo has for each role: a worker to the station, everybody else to the list of returns. */
export async function signIn(page: Page, role: RegExp): Promise<void> {
  await page.goto('/login')
  await page.getByRole('button', { name: role }).click()
  await page.waitForURL(home)
  if (!page.url().endsWith('/station')) await page.goto('/returns')
}

/** As `signIn`, then to the list of returns, which every role has. */
export async function signInToReturns(page: Page, role: RegExp): Promise<void> {
  await signIn(page, role)
  await page.goto('/returns')
  await page.getByRole('heading', { name: 'Returns', level: 1 }).waitFor()
}

/** Pictures for people, where a folder for them is named. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SMARTRETURNS_TEST_PICTURES']
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
