import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { pdfKinds } from './pdf-columns.ts'
import { drawReport, pdfRowsMax } from './report-pdf.ts'

const head = {
  from: '2026-11-01',
  to: '2026-11-30',
  filters: ['stage completed'],
  asOf: new Date('2026-11-27T06:30:00Z'),
}
const counted = async (): Promise<void> => {}

function rowOf(n: number, over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    createdAt: new Date(Date.UTC(2026, 10, 2, 4, n % 60)),
    rmaNumber: `RMA-${String(n).padStart(6, '0')}`,
    title: 'Cotton kurta, blue',
    hubCode: 'BLR-1',
    stage: 'quality_check',
    grade: 'B',
    disposition: 'open_box',
    currency: 'INR',
    priceMinor: 12_345_600,
    expectedValueMinor: null,
    realisedValueMinor: -1050,
    ...over,
  }
}

async function* inBatches(rows: readonly Record<string, unknown>[], size = 100) {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
}

/** The words of each sheet as another program reads them. */
function sheetsOf(t: TestContext, pdf: Buffer): string[] | null {
  const read = spawnSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' })
  if (read.error !== undefined) {
    if (process.env['REQUIRE_ENGINES'] === '1') assert.fail('pdftotext (poppler-utils) is not there')
    t.skip('pdftotext (poppler-utils) is not there')
    return null
  }
  assert.equal(read.status, 0, read.stderr)
  return read.stdout.split('\f').slice(0, -1)
}

test('what it is of, the rows with heads on every sheet, sums by currency, numbered sheets', async (t) => {
  const rows = Array.from({ length: 90 }, (_, n) => rowOf(n))
  rows[3] = rowOf(3, { title: 'सूती कुर्ता नीला', currency: 'USD', priceMinor: 1999, realisedValueMinor: null })
  let told = 0
  const { content, rows: drawn } = await drawReport(pdfKinds.returns, head, inBatches(rows), (n) => {
    told = n
    return Promise.resolve()
  })
  assert.deepEqual([drawn, told], [90, 90])
  const sheets = sheetsOf(t, content)
  if (sheets === null) return
  assert.ok(sheets.length >= 3, `${sheets.length} sheets`)
  assert.match(sheets[0]!, /Returns\s+SmartReturns/)
  assert.match(sheets[0]!, /Period: 2026-11-01 to 2026-11-30/)
  assert.match(sheets[0]!, /Filters: stage completed/)
  assert.match(sheets[0]!, /As of 27 Nov 2026, 12:00/)
  assert.match(
    sheets[0]!,
    /RMA-000000\s+Cotton kurta, blue\s+BLR-1\s+quality check\s+B\s+open box\s+₹1,23,456\.00\s+-₹10\.50/,
  )
  assert.match(sheets[0]!.normalize(), /नीला/)
  assert.match(sheets[0]!, /\$19\.99/)
  for (const [i, sheet] of sheets.entries()) {
    assert.match(sheet, /Submitted\s+RMA\s+Title\s+Hub\s+Stage/, `heads of sheet ${i + 1}`)
    assert.match(sheet, new RegExp(`Page ${i + 1} of ${sheets.length}`))
  }
  const all = sheets.join('\n')
  for (const { rmaNumber } of rows) assert.ok(all.includes(String(rmaNumber)), String(rmaNumber))
  // 89 rows of ₹1,23,456 and of −₹10.50.
  assert.match(sheets.at(-1)!, /Sum of 90 rows, INR\s+₹1,09,87,584\.00\s+.*-₹934\.50/)
  assert.match(sheets.at(-1)!, /Sum of 90 rows, USD\s+\$19\.99/)
})

test('a text that is too long is cut inside its column', async (t) => {
  const title = 'A very long title of a pressure cooker with many words and a lid '.repeat(4)
  const { content } = await drawReport(pdfKinds.returns, head, inBatches([rowOf(1, { title })]), counted)
  const sheets = sheetsOf(t, content)
  if (sheets === null) return
  assert.match(sheets[0]!, /A very long title[^…\n]*…\s+BLR-1/)
})

test('a period without rows says so', async (t) => {
  const { content, rows } = await drawReport(pdfKinds.ledger, head, inBatches([]), counted)
  assert.equal(rows, 0)
  const sheets = sheetsOf(t, content)
  if (sheets === null) return
  assert.match(sheets[0]!, /No rows in this period/)
})

test('every kind has its sheet', async () => {
  for (const kind of Object.values(pdfKinds)) {
    const { content } = await drawReport(kind, head, inBatches([rowOf(1)]), counted)
    assert.equal(content.subarray(0, 5).toString(), '%PDF-')
  }
})

test('more rows than anybody reads on paper are refused with what to do', async () => {
  const rows = Array.from({ length: pdfRowsMax + 1 }, (_, n) => rowOf(n))
  await assert.rejects(drawReport(pdfKinds.returns, head, inBatches(rows, 6000), counted), (error: unknown) => {
    assert.ok(error instanceof AppError)
    assert.deepEqual([error.code, error.problem], ['too_large', 'report_too_long'])
    assert.match(error.message, /5000 rows: take a shorter period, a filter, or the format csv/)
    return true
  })
})
