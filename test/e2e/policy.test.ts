import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { assertAccessible, atRest, hasBrowser, openBrowser, signIn } from '../support/browser.ts'
import { serve } from '../support/serve.ts'
import { seed } from './seed.ts'

const shots = process.env['SCREENSHOTS']

async function picture(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

test(
  'row 52: no page breaks its content security policy, and what is injected has no effect',
  { timeout: 300_000 },
  async (t) => {
    if (!hasBrowser(t)) return
    const receiver = createServer((request, response) =>
      request.resume().on('end', () => response.writeHead(204).end()),
    )
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
    t.after(() => {
      receiver.closeAllConnections()
      receiver.close()
    })
    const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    const { url } = await serve(t, { SMARTRETURNS_OUTBOUND_LOOPBACK: '1' })
    const { context, faults } = await openBrowser(t, url)
    const violations: string[] = []
    await context.exposeFunction('reportViolation', (text: string) => void violations.push(text))
    await context.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    window.reportViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber + ' ' + event.sample + ' at ' + location.pathname))`)
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await signIn(page, /Admin/)
    await seed(page)

    await t.test('every page of the build, with its menus and dialogs', async () => {
      const returns = (await (await page.request.get('/api/returns?limit=1')).json()) as { data: { id: string }[] }
      const first = returns.data[0]
      const paths = [
        '/login',
        '/password',
        '/returns',
        '/returns/new',
        '/hubs',
        '/account',
        '/admin',
        '/privacy',
        '/webhooks',
        '/audit',
        '/analytics',
        '/imports',
        '/esg',
        '/models',
        '/policies',
        '/users',
        '/keys',
        '/jobs',
        '/station',
        '/nothing',
      ]
      for (const path of [...paths, ...(first === undefined ? [] : [`/returns/${first.id}`])]) {
        await page.goto(path)
        await atRest(page)
        const menu = page.getByRole('button', { name: /Make the menu narrow/ })
        if (await menu.isVisible()) {
          await menu.click()
          const narrow = await page.getByRole('navigation').boundingBox()
          assert.ok(narrow !== null && narrow.width < 100, `the menu of ${path} is narrow`)
          await page.getByRole('button', { name: /Widen the menu/ }).click()
        }
      }
      assert.deepEqual(violations, [])
      assert.deepEqual(
        faults.filter((fault) => !/status of 404/.test(fault)),
        [],
      )
    })

    await t.test('the policy of every page: hashes for scripts, attributes at most for styles', async () => {
      for (const path of [
        '/',
        '/login',
        '/returns',
        '/returns/new',
        '/webhooks',
        '/audit',
        '/api/docs/',
        '/api/nothing',
        '/nothing',
      ]) {
        const policy = (await page.request.get(path)).headers()['content-security-policy'] ?? ''
        const directives = new Map(policy.split(/;\s*/).map((part) => [part.split(' ')[0], part]))
        const scripts = directives.get('script-src') ?? directives.get('default-src') ?? ''
        assert.doesNotMatch(scripts.replace("'wasm-unsafe-eval'", ''), /unsafe|https?:|\*/, `${path}: ${scripts}`)
        const styles = directives.get('style-src') ?? directives.get('default-src') ?? ''
        assert.doesNotMatch(styles, /unsafe|https?:|\*/, `${path}: ${styles}`)
        assert.match(policy, /frame-ancestors 'none'/, path)
      }
    })

    await t.test(
      'webhooks: made with a secret that is shown once, tested, looked into, turned off, in both languages',
      async () => {
        await page.goto('/webhooks')
        await page.getByText('Nobody is told yet').waitFor()
        await assertAccessible(page, 'no webhooks')
        await page.getByRole('button', { name: 'New webhook' }).click()
        await page.getByRole('button', { name: 'Make webhook' }).click()
        await page.getByText('Choose at least one event').waitFor()
        await page.getByRole('textbox', { name: 'Address' }).fill('https://10.0.0.1/hook')
        await page.getByRole('textbox', { name: 'Name' }).fill('Shop')
        await page.getByRole('checkbox', { name: /Return taken in/ }).check()
        await page.getByRole('checkbox', { name: /Unit received/ }).check()
        await page.getByRole('button', { name: 'Make webhook' }).click()
        await page.getByText(/no address of the public internet/).waitFor()
        await picture(page, 'webhooks-form')
        await page.getByRole('textbox', { name: 'Address' }).fill(hook)
        await page.getByRole('button', { name: 'Make webhook' }).click()
        await page.getByText(/^whsec_/).waitFor()
        await picture(page, 'webhooks-secret')
        await assertAccessible(page, 'the secret of a webhook')
        await page.getByRole('button', { name: 'I have kept it' }).click()
        await page.getByRole('button', { name: 'Test call' }).click()
        await page.getByText(/It answered 204/).waitFor()
        await page.getByRole('button', { name: 'Show log' }).click()
        await page.getByRole('cell', { name: 'Delivered' }).waitFor()
        await page.getByRole('button', { name: 'Details' }).click()
        await page.getByText(/"type":"webhook.test"/).waitFor()
        await picture(page, 'webhooks-details')
        await page.keyboard.press('Escape')
        await assertAccessible(page, 'the log of a webhook')
        await page.getByRole('button', { name: 'Turn off' }).click()
        await page.getByText('Turned off').waitFor()
        await page.getByRole('button', { name: 'Turn on' }).click()
        await page.getByText('On', { exact: true }).waitFor()
        await page.getByRole('button', { name: 'Replay' }).click()
        await page.getByLabel('Since').fill('2026-01-01T00:00')
        await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
        await page.getByText('The replay has begun').waitFor()
        await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
        await page.reload()
        await page.getByRole('heading', { name: 'वेबहुक', level: 1 }).waitFor()
        await page.getByRole('button', { name: 'लॉग दिखाएँ' }).click()
        await page.getByRole('button', { name: 'विवरण' }).first().waitFor()
        await picture(page, 'webhooks-hindi')
        await page.setViewportSize({ width: 390, height: 800 })
        await picture(page, 'webhooks-narrow')
        const widerOnes = () =>
          page.evaluate<string[]>(`[...document.querySelectorAll('body *')].filter((one) =>
          one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5 &&
          one.closest('[role=region]') === null).map((one) => one.tagName + '.' + one.className)`)
        // The page takes a moment to arrange itself for the new width.
        let wide = await widerOnes()
        for (let tries = 0; tries < 20 && wide.length > 0; tries++) {
          await page.waitForTimeout(250)
          wide = await widerOnes()
        }
        assert.deepEqual(wide, [], 'nothing sticks out of a phone')
        await page.setViewportSize({ width: 1280, height: 900 })
        assert.deepEqual(violations, [])
      },
    )

    await t.test('the try-it page of the API keeps it too', async () => {
      await page.goto('/api/docs/')
      await page.locator('.scalar-app').first().waitFor({ timeout: 60_000 })
      await page.getByRole('heading', { name: 'SmartReturns' }).first().waitFor({ timeout: 60_000 })
      await atRest(page)
      await picture(page, 'docs')
      assert.deepEqual(violations, [])
    })

    await t.test('markup that gets into a page runs nothing and paints nothing', async () => {
      await page.goto('/returns')
      await atRest(page)
      const before = violations.length
      await page.evaluate(`document.body.insertAdjacentHTML('beforeend',
      '<img src=x onerror="window.__ran=1"><style>body{outline:9px solid red}</style><svg onload="window.__ran=1"></svg><a id=js href="javascript:window.__ran=1">x</a><iframe srcdoc="<script>parent.__ran=1</script>"></iframe>');
      const script = document.createElement('script'); script.textContent = 'window.__ran=1'; document.body.append(script);
      document.getElementById('js').click()`)
      await page.waitForTimeout(500)
      assert.equal(await page.evaluate('window.__ran ?? 0'), 0)
      assert.notEqual(await page.evaluate('getComputedStyle(document.body).outlineWidth'), '9px')
      assert.ok(violations.length > before, 'the browser says what it kept back')
      const evaluated = `new Promise((done) => setTimeout(() => { try { (0, eval)('1'); done('ran') } catch (error) { done(error.name) } }))`
      assert.equal(await page.evaluate(evaluated), 'EvalError')
    })
  },
)
