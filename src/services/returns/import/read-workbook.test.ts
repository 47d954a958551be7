import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { textRows, workbookOf, zipOf } from '../../../../test/support/zip.ts'
import { isoOf, readWorkbook } from './read-workbook.ts'
import { isDateFormat } from './workbook-parts.ts'

async function linesOf(bytes: Buffer): Promise<string[]> {
  const rows = await readWorkbook(bytes)
  assert.ok(rows !== null)
  const chunks: Buffer[] = []
  for await (const chunk of rows) chunks.push(chunk)
  return Buffer.concat(chunks).toString().split('\n').slice(0, -1)
}

const refusal = (problem: string) => (error: unknown) => error instanceof AppError && error.problem === problem

test('what other programs write is read: texts, numbers, days, truths, formulas', async () => {
  for (const program of ['openpyxl', 'xlsxwriter']) {
    const folder = join(import.meta.dirname, '../../../../test/fixtures/workbooks')
    const lines = await linesOf(readFileSync(join(folder, `${program}.xlsx`)))
    assert.deepEqual(
      lines.slice(0, 4),
      [
        '"clientRef","title","price","requestedAt","isOpened"',
        '"X-1","Cotton kurta, ""blue""","1299.5","2026-11-03T14:30:00","true"',
        '"X-2","सूती कुर्ता M","0.3","2026-11-04","false"',
        '',
      ],
      program,
    )
    // A program that does not work formulas out leaves them empty.
    assert.equal(lines[4], program === 'openpyxl' ? '' : ',,"2",,')
  }
})

test('a row is on the line of its number, as wide as the header', async () => {
  const rows = `<row r="2"><c r="A2"><v>1</v></c><c r="C2" t="str"><v>c</v></c></row>
    <row r="5"><c r="B5"><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>`
  assert.deepEqual(await linesOf(workbookOf(rows)), ['', '"1",,"c"', '', '', ',"2",', '"3","4",'])
})

test('shared texts: parts of different letters are one, how they are read aloud is left out', async () => {
  const strings = `<sst><si><t>plain &amp; simple</t></si><si><r><t>two </t></r><r><t xml:space="preserve">parts</t></r></si>
    <si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>`
  const rows = [0, 1, 2].map((n) => `<row r="${n + 1}"><c t="s"><v>${n}</v></c></row>`).join('')
  const lines = await linesOf(workbookOf(rows, { 'xl/sharedStrings.xml': strings }))
  assert.deepEqual(lines, ['"plain & simple"', '"two parts"', '"東京"'])
})

test('names may bear a prefix, and the sheet an absolute place', async () => {
  const book = workbookOf('', {
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="/xl/worksheets/other.xml"/></Relationships>',
    'xl/worksheets/other.xml':
      '<x:worksheet><x:sheetData><x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>',
  })
  assert.deepEqual(await linesOf(book), ['"7"'])
})

test('the first sheet that is shown is read', async () => {
  const book = workbookOf(textRows([['hidden']]), {
    'xl/workbook.xml':
      '<workbook xmlns:r="r"><sheets><sheet name="a" state="veryHidden" r:id="rId1"/><sheet name="b" r:id="rId2"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="worksheets/sheet2.xml"/></Relationships>',
    'xl/worksheets/sheet2.xml': `<worksheet><sheetData>${textRows([['shown']])}</sheetData></worksheet>`,
  })
  assert.deepEqual(await linesOf(book), ['"shown"'])
  const none = workbookOf('', { 'xl/workbook.xml': '<workbook><sheets/></workbook>' })
  await assert.rejects(linesOf(none), refusal('workbook_empty'))
})

test('days by the formats of their cells, in both systems', async () => {
  const styles = `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd\\-mmm&quot; d&quot;"/><numFmt numFmtId="171" formatCode="[Red]0.00"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>`
  const rows = `<row r="1">${[0, 1, 2, 3].map((s) => `<c s="${s}"><v>46327.5</v></c>`).join('')}</row>`
  const iso = '"2026-11-01T12:00:00"'
  assert.deepEqual(await linesOf(workbookOf(rows, { 'xl/styles.xml': styles })), [`"46327.5",${iso},${iso},"46327.5"`])
  const book1904 =
    '<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>'
  const lines = await linesOf(workbookOf(rows, { 'xl/styles.xml': styles, 'xl/workbook.xml': book1904 }))
  assert.match(lines[0]!, /2030-11-02T12:00:00/)
})

test('serial numbers around the day that never was', () => {
  assert.equal(isoOf(1, false), '1900-01-01')
  assert.equal(isoOf(59, false), '1900-02-28')
  assert.equal(isoOf(61, false), '1900-03-01')
  assert.equal(isoOf(0, true), '1904-01-01')
  assert.equal(isoOf(0.75, false), '18:00:00')
  assert.equal(isoOf(46000.999_999_99, false), '2025-12-10', 'a fraction of a second is an error of the fraction')
})

test('formats that show days, and those whose letters mean something else', () => {
  for (const code of ['yyyy-mm-dd', 'd/m/yy h:mm', '[h]:mm:ss', 'mmm', '[$-409]d-mmm;@'])
    assert.ok(isDateFormat(code), code)
  for (const code of ['General', '0.00', '#,##0" days"', '[Red]0', '0\\d', '_-* #,##0_-', '@', '[$₹-hi-IN]#,##0'])
    assert.ok(!isDateFormat(code), code)
})

test('broken, cut and exploding workbooks are refused', async () => {
  const book = workbookOf(textRows([['a', 'b']]))
  await assert.rejects(readWorkbook(book.subarray(0, book.length - 30)), refusal('workbook_broken'))
  const damaged = Buffer.from(book)
  damaged.fill(0xff, book.indexOf('sheet1.xml') + 12, book.indexOf('sheet1.xml') + 40)
  await assert.rejects(linesOf(damaged), refusal('workbook_broken'))
  await assert.rejects(linesOf(workbookOf('<row r="2"/><row r="1"/>')), refusal('workbook_broken'))
  const bomb = `<row r="1"/>${' '.repeat(30_000_000)}`
  await assert.rejects(linesOf(workbookOf(bomb)), refusal('unpack_ratio'))
  assert.equal(await readWorkbook(zipOf({ 'a.txt': 'no workbook' })), null)
})

test('nothing grows in memory beyond what a sheet can hold', async () => {
  const long = 'x'.repeat(32_768)
  const cell = `<row r="1"><c t="inlineStr"><is><t>${long}</t></is></c></row>`
  await assert.rejects(linesOf(workbookOf(cell)), refusal('workbook_too_large'))
  const shared = { 'xl/sharedStrings.xml': `<sst><si><t>${long}</t></si></sst>` }
  await assert.rejects(linesOf(workbookOf('', shared)), refusal('workbook_too_large'))
  const most = { 'xl/sharedStrings.xml': `<sst><si><t>${long.slice(1)}</t></si></sst>` }
  const row = (cells: number) => `<row r="1">${'<c t="s"><v>0</v></c>'.repeat(cells)}</row>`
  assert.equal((await linesOf(workbookOf(row(7), most)))[0]!.length, 7 * 32_769 + 6)
  await assert.rejects(linesOf(workbookOf(row(8), most)), refusal('record_too_long'))
  const tag = `<row r="1" x="${'y'.repeat(2_000_000)}"/>`
  await assert.rejects(linesOf(workbookOf(tag)), refusal('workbook_too_large'))
})
