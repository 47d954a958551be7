import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { codeOf, stepAt } from '#platform/auth/second-factor/totp.ts'
import { assertAccessible, hasBrowser, home, openBrowser, picture } from '../support/browser.ts'
import { companySettings, givenOidcFile, startCompany } from '../support/oidc.ts'
import { freePort, serve } from '../support/serve.ts'

const timeout = 360_000
const root = resolve(import.meta.dirname, '..', '..')
const email = 'kiran@example.com'
const first = 'nine red kites over the harbour'

/** The command line of the program, on the data folder that a server has open. */
function run({ url, dataFolder }: { url: string; dataFolder: string }, ...words: string[]): Promise<string> {
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    SMARTRETURNS_DATA: dataFolder,
    SMARTRETURNS_URL: url,
    DATABASE_URL: '',
  }
  return new Promise((done, fail) =>
    execFile(process.execPath, [join(root, 'src', 'app', 'cli.ts'), ...words], { env }, (error, out, said) =>
      // A line of the log may stand before the result.
      error === null ? done(out.trim().split('\n').at(-1)!) : fail(new Error(said)),
    ),
  )
}

/** What an app shows that has read the key from the page; another one than before. */
async function codeFor(page: Page): Promise<string> {
  const letters = (await page.locator('code').innerText()).replaceAll(' ', '')
  const bits = Array.from(letters, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('')
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return codeOf(secret, stepAt(Date.now()))
}

async function signIn(page: Page, word: string): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(word)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test(
  'a person accepts an invitation, adds a second factor, ends sessions and changes the password',
  { timeout },
  async (t) => {
    if (!hasBrowser(t)) return
    // The provider must know our address before it starts, and we must know the provider's.
    const port = await freePort()
    const company = await startCompany(t, `http://127.0.0.1:${port}`)
    const settings = companySettings(company, { createsUsers: true, defaultRole: 'analyst' })
    const env = {
      SMARTRETURNS_URL: `http://127.0.0.1:${port}`,
      SMARTRETURNS_OIDC_FILE: givenOidcFile(t, settings),
      SMARTRETURNS_ADMIN_SECOND_FACTOR: '1',
    }
    const { url, dataFolder } = await serve(t, env, port)
    const { context, faults } = await openBrowser(t, url)
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    let codes: string[] = []

    await t.test('an invitation', async () => {
      const link = await run({ url, dataFolder }, 'users', 'invite', email, '--name', 'Kiran', '--role', 'worker')
      await page.goto(link)
      await page.getByRole('heading', { name: 'Welcome, Kiran' }).waitFor()
      await page.getByRole('textbox', { name: 'New password' }).fill('too short')
      await page.getByRole('button', { name: 'Choose this password' }).click()
      await page.getByText('At least 15 characters', { exact: true }).waitFor()
      await picture(page, 'invitation')
      await assertAccessible(page, 'an invitation')
      await page.getByRole('textbox', { name: 'New password' }).fill(first)
      await page.getByRole('button', { name: 'Choose this password' }).click()
      await page.getByRole('heading', { name: 'Your password is set' }).waitFor()
      await page.goto(link)
      await page.reload()
      await page.getByText('This link was used, has expired').waitFor()
      await picture(page, 'link-used')
      await assertAccessible(page, 'a link that was used')
    })

    await t.test('a forgotten password is answered alike for everybody', async () => {
      await page.goto('/login')
      await page.getByRole('link', { name: 'Forgotten your password?' }).click()
      await page.getByLabel('E-mail').fill('nobody@example.com')
      await assertAccessible(page, 'a forgotten password')
      await picture(page, 'forgotten')
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByText('If there is a login with this address').waitFor()
    })

    await t.test('a second factor', async () => {
      await signIn(page, first)
      await page.waitForURL(home)
      await page.getByRole('button', { name: 'Account: Kiran' }).click()
      await page.getByRole('menuitem', { name: 'Your account' }).click()
      await page.getByRole('heading', { name: 'Your account' }).waitFor()
      await page.getByRole('button', { name: 'Set up' }).click()
      await page.getByRole('textbox', { name: 'Current password' }).first().fill(first)
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor()
      await picture(page, 'second-factor-setup')
      await assertAccessible(page, 'setting up a second factor')
      await page.getByLabel('Code that the app shows now').fill(await codeFor(page))
      await page.getByRole('button', { name: 'Turn it on' }).click()
      const list = page.getByRole('region', { name: 'Recovery codes' })
      await list.waitFor()
      codes = await list.getByRole('listitem').allInnerTexts()
      assert.equal(codes.length, 10)
      await picture(page, 'recovery-codes')
      await assertAccessible(page, 'recovery codes')
      await page.getByRole('button', { name: 'I have kept them' }).click()
      await page.getByText('10 recovery codes are left', { exact: false }).waitFor()
    })

    await t.test('signing in asks for it, and a session elsewhere is ended from here', async () => {
      const other = await context.browser()!.newContext({ baseURL: url })
      const phone = await other.newPage()
      await signIn(phone, first)
      await phone.getByRole('heading', { name: 'One more step' }).waitFor()
      await phone.getByLabel('Code of your app, or a recovery code').fill('000000')
      await phone.getByRole('button', { name: 'Sign in', exact: true }).click()
      await phone.getByText('This code is not right').waitFor()
      await picture(phone, 'code')
      await assertAccessible(phone, 'the second step')
      await phone.getByLabel('Code of your app, or a recovery code').fill(codes[0]!.toLowerCase())
      await phone.getByRole('button', { name: 'Sign in', exact: true }).click()
      await phone.waitForURL(home)

      await page.goto('/account')
      await page.getByText('9 recovery codes are left', { exact: false }).waitFor()
      const ends = page.getByRole('button', { name: /^Sign out Chrome/ })
      await ends.waitFor()
      await picture(page, 'account')
      await assertAccessible(page, 'the own account')
      await ends.click()
      await ends.waitFor({ state: 'detached' })
      await phone.waitForTimeout(1000)
      await phone.goto('/account')
      await phone.waitForURL(/\/login/)
      await other.close()
    })

    await t.test('Hindi, and a narrow screen', async () => {
      await page.evaluate("localStorage.setItem('smartreturns-language', 'hi')")
      await page.setViewportSize({ width: 390, height: 844 })
      await page.goto('/account')
      await page.getByRole('heading', { name: 'आपका खाता' }).waitFor()
      await page.getByRole('button', { name: 'हर जगह से साइन आउट' }).waitFor()
      await picture(page, 'account-hindi-narrow')
      const excess = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.ok(excess <= 0, `${excess} px wider than the screen`)
      await assertAccessible(page, 'the account in Hindi')
      await page.evaluate("localStorage.setItem('smartreturns-language', 'en')")
      await page.setViewportSize({ width: 1280, height: 900 })
    })

    await t.test('a changed password ends everything', async () => {
      await page.goto('/account')
      await page.getByRole('textbox', { name: 'Current password' }).fill('wrong')
      await page.getByRole('textbox', { name: 'New password' }).fill('kelp-42x')
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByText('The current password is not right.').waitFor()
      await page.getByRole('textbox', { name: 'Current password' }).fill(first)
      await page.getByRole('textbox', { name: 'New password' }).fill('iloveyou1')
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByText('among the first that are tried').waitFor()
      await page.getByRole('textbox', { name: 'New password' }).fill('kelp-42x')
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.waitForURL(/\/login/)
      await signIn(page, 'kelp-42x')
      await page.getByLabel('Code of your app, or a recovery code').fill(codes[1]!)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.waitForURL(home)
      await page.goto('/account')
      await page.getByRole('button', { name: 'Sign out everywhere' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
      await page.waitForURL(/\/login/)
    })

    await t.test('an administrator sets up the second factor that one must have on the way in', async () => {
      const link = await run({ url, dataFolder }, 'users', 'invite', 'boss@example.com', '--name', 'Boss')
      await page.goto(link)
      await page.getByRole('textbox', { name: 'New password' }).fill('four grey herons by the river')
      await page.getByRole('button', { name: 'Choose this password' }).click()
      await page.getByRole('link', { name: 'Go to the sign-in' }).click()
      await page.getByLabel('E-mail').fill('boss@example.com')
      await page.getByRole('textbox', { name: 'Password' }).fill('four grey herons by the river')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor()
      await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor()
      await picture(page, 'setup-at-login')
      await assertAccessible(page, 'a second factor on the way in')
      await page.getByLabel('Code that the app shows now').fill(await codeFor(page))
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('region', { name: 'Recovery codes' }).waitFor()
      await picture(page, 'codes-at-login')
      await page.getByRole('button', { name: 'I have kept them' }).click()
      await page.waitForURL(home)
      await page.goto('/account')
      await page.getByRole('button', { name: 'New recovery codes' }).waitFor()
      assert.equal(await page.getByRole('button', { name: 'Turn it off' }).count(), 0)
    })

    await t.test('a company login, and why one was refused', async () => {
      company.accounts['meera'] = { email: 'meera@acme.example', email_verified: true, name: 'Meera P.' }
      const atCompany = async (account: string) => {
        await page.context().clearCookies()
        await page.goto('/login')
        await page.getByRole('link', { name: 'Sign in with Acme Retail' }).click()
        await page.locator('input[name=login]').fill(account)
        await page.locator('input[name=password]').fill('any')
        await page.locator('button[type=submit]').click()
      }
      await page.goto('/login')
      await page.getByRole('link', { name: 'Sign in with Acme Retail' }).waitFor()
      await picture(page, 'login')
      await assertAccessible(page, 'the login with a company')
      await atCompany('meera')
      await page.waitForURL(home)
      await page.goto('/account')
      await page.getByText('By company login').waitFor()
      await page.getByText('You sign in by your company’s login', { exact: false }).waitFor()
      company.accounts['stranger'] = { email: 'stranger@example.com', email_verified: true }
      await atCompany('stranger')
      await page.getByText('Your e-mail address is not one of this company’s.').waitFor()
      await picture(page, 'company-refused')
    })

    // What is refused on purpose is told by the console too, and the company's own pages are elsewhere.
    const unexpected = faults.filter(
      (fault) =>
        !/status of (401|403|400|422)/.test(fault) && !fault.includes(company.issuer) && !/fonts\.g/.test(fault),
    )
    assert.deepEqual(unexpected, [])
  },
)
