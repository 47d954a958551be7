import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import {
  assertFits,
  expectUnits,
  kept,
  knowArticle,
  openBench,
  pictures,
  said,
  scan,
  settled,
  signInAs,
} from '../support/bench.ts'
import { assertAccessible, hasBrowser, openBrowser } from '../support/browser.ts'
import { serve } from '../support/serve.ts'

const timeout = 420_000

/** From the key that ended the scan to the frame in which the card was there, taken by the page itself. */
const cardTimer = `(() => {
  window.cardTimes = []
  let endedAt = null
  addEventListener('keydown', (event) => { if (event.key === 'Enter') endedAt = performance.now() }, { capture: true })
  new MutationObserver(() => {
    if (endedAt === null || document.querySelector('[data-testid=unit]') === null) return
    const from = endedAt
    endedAt = null
    requestAnimationFrame(() => window.cardTimes.push(performance.now() - from))
  }).observe(document, { subtree: true, childList: true })
})()`

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!

async function steps(page: Page, id: string): Promise<string[]> {
  const { data } = (await (await page.request.get(`/api/returns/${id}/timeline`)).json()) as {
    data: { type: string }[]
  }
  return data.map(({ type }) => type).toReversed()
}

/** Each part begins at an empty bench. */
async function fresh(page: Page): Promise<void> {
  await page.goto('/station')
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
}

test('a worker takes units from the scan to the disposition', { timeout }, async (t) => {
  if (!hasBrowser(t)) return
  const { url } = await serve(t)
  const { context, faults } = await openBrowser(t, url)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await signInAs(page, /Admin/)
  const creams = await expectUnits(page, 'cream', 16)
  await knowArticle(page, 'bag', 'BAG-22')
  const [bag, other] = await expectUnits(page, 'bag', 2, { sku: 'BAG-22' })
  const [doubtful] = await expectUnits(page, 'bag', 1, { sku: 'NOT-IN-THE-CATALOGUE' })
  const [phone] = await expectUnits(page, 'phone', 1)
  const [cancelled] = await expectUnits(page, 'cream', 1)
  const { version } = (await (await page.request.get(`/api/returns/${cancelled!.id}`)).json()) as { version: number }
  await page.request.delete(`/api/returns/${cancelled!.id}`, { headers: { 'if-match': `"${version}"` } })
  // Before the page's own listeners, which take the scanner's keys.
  await context.addInitScript(cardTimer)
  await signInAs(page, /Worker/)

  await t.test('no bench, no work: a card says where the units are', async () => {
    await page.goto('/station')
    await page.getByRole('heading', { name: 'Scan your bench card' }).waitFor()
    await pictures(page, 'no-bench')
    await scan(page, creams[0]!.lpn)
    assert.match(await said(page, 'no_bench'), /Scan your bench card first/)
    await openBench(page)
    await scan(page, 'LOC-TOTE-1')
    assert.match(await said(page, 'location_set'), /LOC-TOTE-1/)
    await assertAccessible(page, 'the idle station')
    await assertFits(page, 'the idle station')
    await pictures(page, 'idle')
  })

  await t.test('four inputs, the card at once, seconds for a unit', async () => {
    await page.evaluate('window.cardTimes.length = 0')
    const whole: number[] = []
    for (const unit of creams.slice(0, 8)) {
      const begun = Date.now()
      await scan(page, unit.lpn)
      await page.getByTestId('rubric').waitFor()
      await page.keyboard.press('F2')
      await page.keyboard.press('F2')
      await page.getByRole('button', { name: /^Accept: / }).waitFor()
      await page.keyboard.press('F6')
      await said(page, 'accepted')
      whole.push(Date.now() - begun)
    }
    const cards = await page.evaluate<number[]>('window.cardTimes')
    assert.equal(cards.length, 8)
    t.diagnostic(
      `card after the scan: median ${Math.round(median(cards))} ms, slowest ${Math.round(Math.max(...cards))} ms`,
    )
    t.diagnostic(`scan to disposition, 4 inputs: median ${median(whole)} ms, slowest ${Math.max(...whole)} ms`)
    assert.ok(median(cards) <= 300, `the card came after ${cards.map(Math.round).join(', ')} ms`)
    assert.ok(Math.max(...whole) <= 10_000, `a unit took ${Math.max(...whole)} ms`)
    await settled(page)
    const seen = await steps(page, creams[0]!.id)
    for (const type of ['ReturnReceived', 'QualityChecked', 'DispositionDecided'])
      assert.equal(seen.filter((one) => one === type).length, 1, type)
    const detail = (await (await page.request.get(`/api/returns/${creams[0]!.id}`)).json()) as { locationCode: string }
    assert.equal(detail.locationCode, 'LOC-TOTE-1')
  })

  await t.test('a decision is taken back within ten seconds, by a command of its own', async () => {
    const unit = creams[7]!
    await page.keyboard.press('Escape')
    await said(page, 'undone')
    await page.getByRole('button', { name: /^Accept: / }).waitFor()
    await settled(page)
    assert.ok((await steps(page, unit.id)).includes('DecisionWithdrawn'))
    await scan(page, 'LOC-TOTE-9')
    await said(page, 'accepted')
    await settled(page)
    const detail = (await (await page.request.get(`/api/returns/${unit.id}`)).json()) as Record<string, unknown>
    assert.deepEqual([detail['stage'], detail['locationCode']], ['disposition', 'LOC-TOTE-9'])
    await scan(page, 'SR*UNDO')
    await said(page, 'undone')
    await scan(page, 'SR*ACCEPT')
    await said(page, 'accepted')
    await page.waitForTimeout(10_300)
    await scan(page, 'SR*UNDO')
    await said(page, 'nothing_to_undo')
  })

  await t.test('what is wrong is said in red, with what to do next', async () => {
    await fresh(page)
    const unit = creams[8]!
    const misread = `${unit.lpn.slice(0, -1)}${unit.lpn.endsWith('7') ? '8' : '7'}`
    for (const [code, key, next] of [
      [misread, 'read_error', /Scan it again/],
      ['8909999999999', 'not_found', /Check the label/],
      [cancelled!.lpn, 'already_closed', /Nothing is to be done/],
      ['SR*ANSWER*1', 'wrong_step_action', /Look at the step/],
    ] as const) {
      await scan(page, code)
      assert.match(await said(page, key), next, code)
    }
    await pictures(page, 'wrong')
    await assertAccessible(page, 'a red message')
    await scan(page, unit.lpn)
    await page.getByTestId('rubric').waitFor()
    await scan(page, unit.lpn)
    assert.match(await said(page, 'duplicate_scan'), new RegExp(unit.lpn))
    await scan(page, creams[9]!.lpn)
    assert.match(await said(page, 'expected'), new RegExp(unit.lpn))
    await scan(page, 'LOC-TOTE-1')
    assert.match(await said(page, 'wrong_step_location'), /Scan the item, not the bay/)
    await page.keyboard.press('Escape')
    await said(page, 'put_aside')
  })

  await t.test('one code, several units: the longest waiting first', async () => {
    await fresh(page)
    await scan(page, 'BAG-22')
    await said(page, 'choose_one')
    const choices = page.getByRole('list', { name: 'Units with this code' }).getByRole('button')
    assert.equal(await choices.count(), 2)
    await assertAccessible(page, 'the choice of a unit')
    await assertFits(page, 'the choice of a unit')
    await pictures(page, 'choose')
    await page.keyboard.press('F2')
    await page.getByTestId('rubric').waitFor()
    assert.match(await page.getByTestId('unit').innerText(), new RegExp(`${bag!.lpn}|${other!.lpn}`))
  })

  await t.test(
    'answers branch, findings ask for photos, photos are shrunk and kept, the grade is computed',
    async () => {
      await pictures(page, 'rubric')
      await assertAccessible(page, 'the rubric')
      await assertFits(page, 'the rubric')
      await page.getByRole('button', { name: /Clear marks or damage/ }).click()
      await page.getByRole('group', { name: 'Do clasp, zip, movement work?' }).waitFor()
      await scan(page, 'SR*ANSWER*1')
      await page.getByRole('group', { name: 'What is damaged?' }).waitFor()
      await scan(page, 'SR*ANSWER*9')
      await said(page, 'no_such_answer')
      await page.keyboard.press('F4')
      await page.getByText('Photos: 0 of 2 needed').waitFor()
      await pictures(page, 'photos')
      await assertAccessible(page, 'photos that are missing')
      const large = await sharp({ create: { width: 2400, height: 1800, channels: 3, background: '#7a8a82' } })
        .withExif({ IFD0: { Make: 'SPYCAM' } })
        .jpeg()
        .toBuffer()
      const file = { name: 'p.jpg', mimeType: 'image/jpeg', buffer: large }
      await page.getByLabel('Photo from a file: Front with brand mark').setInputFiles(file)
      await page.getByText('Photos: 1 of 2 needed').waitFor()
      const [photo] = await page.evaluate<{ bytes: number; width: number; hasExif: boolean }[]>(`(async () => {
      const opened = await new Promise((resolve) => { const o = indexedDB.open('smartreturns-station'); o.onsuccess = () => resolve(o.result) })
      const all = await new Promise((resolve) => { const a = opened.transaction('photos').objectStore('photos').getAll(); a.onsuccess = () => resolve(a.result) })
      return Promise.all(all.map(async ({ blob }) => {
        const bytes = new Uint8Array(await blob.arrayBuffer())
        return { bytes: bytes.length, width: (await createImageBitmap(blob)).width, hasExif: new TextDecoder('latin1').decode(bytes).includes('SPYCAM') }
      }))
    })()`)
      assert.deepEqual([photo!.width, photo!.hasExif], [1600, false])
      await pictures(page, 'photo-taken')
      await page.getByLabel('Photo from a file: Tear, broken strap or link').setInputFiles(file)
      await page.getByRole('button', { name: /^Accept: / }).waitFor()
      await page.getByTestId('unit').getByText('Grade').first().waitFor()
      await page.keyboard.press('F1')
      await page.getByTestId('reasons').getByRole('listitem').first().waitFor()
      await pictures(page, 'decision')
      await assertAccessible(page, 'the decision')
      await assertFits(page, 'the decision')
      await settled(page)
      assert.deepEqual(await kept(page, 'photos'), [])
    },
  )

  await t.test('a check is corrected, and another choice says why', async () => {
    await page.getByRole('button', { name: 'Correct the check' }).click()
    await page.getByRole('group', { name: 'How does it look?' }).waitFor()
    await page.keyboard.press('F2')
    await page.getByRole('button', { name: /^Accept: / }).waitFor()
    await page.keyboard.press('F7')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await pictures(page, 'change')
    await assertAccessible(page, 'another choice')
    await dialog
      .getByRole('button', { name: /^Donate|^Liquidate|^Recycle/ })
      .first()
      .click()
    await dialog.getByRole('button', { name: 'Training' }).click()
    await said(page, 'changed')
    await settled(page)
    assert.deepEqual(await kept(page, 'needs'), [])
  })

  await t.test('a unit is held by a key and a reason', async () => {
    await fresh(page)
    await scan(page, creams[9]!.lpn)
    await page.getByTestId('rubric').waitFor()
    await page.keyboard.press('F2')
    await page.keyboard.press('F2')
    await page.getByRole('button', { name: /^Accept: / }).waitFor()
    await page.keyboard.press('F10')
    const first = page.getByRole('dialog').getByRole('group').getByRole('button').first()
    await first.waitFor()
    await page.locator('[role=dialog] fieldset :focus').waitFor()
    await page.keyboard.press('Enter')
    await said(page, 'changed')
    await settled(page)
    const detail = (await (await page.request.get(`/api/returns/${creams[9]!.id}`)).json()) as Record<string, unknown>
    assert.equal(detail['disposition'], 'hold')
  })

  await t.test('what a rule holds back is told, and nobody but a person decides it', async () => {
    await fresh(page)
    await scan(page, doubtful!.lpn)
    await page.getByTestId('rubric').waitFor()
    await page.keyboard.press('F2')
    await page.keyboard.press('F2')
    const buffer = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#7a8a82' } })
      .jpeg()
      .toBuffer()
    await page.keyboard.press('F8')
    await page.getByRole('dialog').getByText('The camera may not be used').waitFor()
    await pictures(page, 'camera-refused')
    await assertAccessible(page, 'a refused camera')
    await page
      .getByRole('dialog')
      .locator('input[type=file]')
      .setInputFiles({ name: 'p.jpg', mimeType: 'image/jpeg', buffer })
    await page.getByText('A person must look at this unit').waitFor()
    await pictures(page, 'review')
    await assertAccessible(page, 'a unit under review')
    await page.keyboard.press('F6')
    await said(page, 'wrong_step_action')
    await page.keyboard.press('F10')
    await page.getByRole('dialog').getByRole('button', { name: 'Other' }).click()
    await said(page, 'changed')
    await settled(page)
    assert.deepEqual(await kept(page, 'needs'), [])
  })

  await t.test('answers of a unit that was put aside are there after a reload', async () => {
    await fresh(page)
    await scan(page, phone!.lpn)
    await page.getByTestId('rubric').waitFor()
    await page.keyboard.press('F2')
    await page.getByText('Question 2 of 2').waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Ready' }).waitFor()
    await scan(page, phone!.lpn)
    await page.getByText('Question 2 of 2').waitFor()
    await page.keyboard.press('Escape')
  })

  await t.test('sixty fast scans are read whole while the page is busy', async () => {
    await fresh(page)
    const before = (await kept<{ code: string }>(page, 'reads')).length
    const codes = Array.from({ length: 60 }, (_, i) => `LOC-TOTE-${String(100_000_000 + i * 7_654_321)}`)
    // The page has no time for anything during four fifths of every 100 ms.
    await page.evaluate(
      `window.busy = setInterval(() => { const until = performance.now() + 80; while (performance.now() < until); }, 100)`,
    )
    const client = await context.newCDPSession(page)
    const press = (key: string) =>
      client.send(
        'Input.dispatchKeyEvent',
        key === 'Enter'
          ? { type: 'keyDown', key, code: key, windowsVirtualKeyCode: 13, text: '\r' }
          : { type: 'keyDown', key, text: key },
      )
    const sent: Promise<unknown>[] = []
    for (const code of codes) for (const key of [...Array.from(code), 'Enter']) sent.push(press(key))
    await Promise.all(sent)
    await page.evaluate('clearInterval(window.busy)')
    await page.locator('[data-message=location_set]', { hasText: codes.at(-1)! }).waitFor()
    const reads = (await kept<{ code: string; source: string }>(page, 'reads')).slice(before)
    assert.deepEqual(
      reads.map(({ code }) => code),
      codes,
    )
    t.diagnostic(`${reads.length} of ${codes.length} codes whole`)
  })

  await t.test('in Hindi, by keyboard and on a phone', async () => {
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'hi')`)
    await page.reload()
    await page.getByRole('heading', { name: 'तैयार' }).waitFor()
    await scan(page, creams[10]!.lpn)
    await page.getByTestId('rubric').waitFor()
    await pictures(page, 'hindi')
    await page.keyboard.press('F2')
    await page.keyboard.press('F2')
    await page.getByRole('button', { name: /^स्वीकारें/ }).waitFor()
    const latin = await page.evaluate<string[]>(`(() => {
      const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
      const found = []
      while (walk.nextNode()) if (/[a-z]{3}/.test(walk.currentNode.data) && !walk.currentNode.parentElement.closest('.code, kbd, [data-testid=unit]')) found.push(walk.currentNode.data)
      return found
    })()`)
    assert.deepEqual(latin, [])
    await assertAccessible(page, 'the station in Hindi')
    await assertFits(page, 'the station in Hindi')
    await page.keyboard.press('F6')
    await said(page, 'accepted')
    await page.evaluate(`localStorage.setItem('smartreturns-language', 'en')`)
  })

  assert.deepEqual(faults, [])
})
