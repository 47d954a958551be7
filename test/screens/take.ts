import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { scan as scanned, signInAs } from '../support/bench.ts'
import { openBrowser } from '../support/browser.ts'
import { serve } from '../support/serve.ts'

/** `npm run screens`: a picture of every page from the demo data, in docs/screens. */

const folder = resolve(import.meta.dirname, '..', '..', 'docs', 'screens')
const demoReturns = 3000
const demoWaitMs = 240_000

type Look = { readonly theme?: 'dark' | 'light'; readonly language?: 'hi' | 'en'; readonly isPhone?: boolean }
type Shot = Look & { readonly name: string; readonly path: string; readonly open?: Open }
type Open = (page: Page) => Promise<void>

async function firstOf(page: Page, path: string): Promise<Record<string, string>> {
  const { data } = (await (await page.request.get(path)).json()) as { data: Record<string, string>[] }
  if (data[0] === undefined) throw new Error(`${path} is empty`)
  return data[0]
}

test('pictures of every page', { timeout: 900_000 }, async (t) => {
  const { url } = await serve(t, { SMARTRETURNS_DEMO_RETURNS: String(demoReturns) })
  const { context } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await signInAs(page, /Admin/)
  await demoLoaded(page)
  const decided = await firstOf(page, '/api/returns?limit=1&filter[stage]=quality_checked&sort=-createdAt').catch(() =>
    firstOf(page, '/api/returns?limit=1&filter[grade]=in:B,C&sort=-createdAt'),
  )
  const hub = await firstOf(page, '/api/hubs?limit=1')
  const scan: Open = async (station) => {
    const unit = await firstOf(station, '/api/returns?limit=1&filter[stage]=hub_assigned&sort=-createdAt')
    const card = station.getByRole('heading', { name: 'Scan your bench card' })
    await card
      .or(station.getByRole('heading', { name: 'Ready' }))
      .first()
      .waitFor()
    if (await card.isVisible()) await scanned(station, 'LOC-BENCH-07')
    await station.getByRole('heading', { name: 'Ready' }).waitFor()
    await scanned(station, unit['lpn']!)
    await station.getByText(unit['title']!).first().waitFor()
  }
  const shots: readonly Shot[] = [
    { name: 'login', path: '/login' },
    { name: 'returns', path: '/returns' },
    { name: 'returns-dark', path: '/returns', theme: 'dark' },
    { name: 'returns-hindi', path: '/returns', language: 'hi' },
    { name: 'returns-phone', path: '/returns', isPhone: true },
    { name: 'return', path: `/returns/${decided['id']}` },
    { name: 'return-dark', path: `/returns/${decided['id']}`, theme: 'dark' },
    { name: 'new-return', path: '/returns/new' },
    { name: 'imports', path: '/imports' },
    { name: 'hubs', path: '/hubs' },
    { name: 'hubs-dark', path: '/hubs', theme: 'dark' },
    { name: 'hub', path: `/hubs/${hub['id']}` },
    { name: 'analytics', path: '/analytics' },
    { name: 'analytics-hindi', path: '/analytics', language: 'hi' },
    { name: 'esg', path: '/esg' },
    { name: 'models', path: '/models' },
    { name: 'policies', path: '/policies' },
    { name: 'jobs', path: '/jobs' },
    { name: 'admin', path: '/admin' },
    { name: 'privacy', path: '/privacy' },
    { name: 'audit', path: '/audit' },
    { name: 'users', path: '/users' },
    { name: 'keys', path: '/keys' },
    { name: 'webhooks', path: '/webhooks' },
    { name: 'account', path: '/account' },
    { name: 'station', path: '/station', open: scan },
    { name: 'station-dark', path: '/station', theme: 'dark', open: scan },
  ]
  for (const shot of shots) {
    if (shot.name === 'login') await context.clearCookies()
    if (shot.name === 'station') await signInAs(page, /Worker/)
    if (shot.name === 'returns') await signInAs(page, /Admin/)
    await take(page, shot)
  }
})

async function take(page: Page, { name, path, theme = 'light', language = 'en', isPhone = false, open }: Shot) {
  await page.setViewportSize(isPhone ? { width: 390, height: 844 } : { width: 1280, height: 900 })
  await page.evaluate(
    `localStorage.setItem('smartreturns-language', '${language}'); localStorage.setItem('smartreturns-theme', '${theme}')`,
  )
  await page.goto(path)
  await page.getByRole('heading', { level: 1 }).or(page.getByRole('textbox')).first().waitFor()
  await open?.(page)
  // Until the data stand where their skeletons were, and charts have come to rest.
  await page.waitForLoadState('networkidle', { timeout: 10_000 }).catch(() => {})
  await sleep(1500)
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

async function demoLoaded(page: Page): Promise<void> {
  const until = Date.now() + demoWaitMs
  for (let before = -1; Date.now() < until;) {
    const answer = await page.request.get('/api/returns?limit=1&includeTotal=exact')
    const { page: facts } = (await answer.json()) as { page: { total?: number } }
    const total = facts.total ?? 0
    if (total >= demoReturns * 0.98 && total === before) return
    before = total
    await sleep(3000)
  }
  throw new Error('the demo data were not there in time')
}
