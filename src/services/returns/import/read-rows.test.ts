import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { AppError } from '#kernel/errors.ts'
import type { RawRow } from './csv-records.ts'
import { readRows } from './read-rows.ts'
import { zipOf } from '../../../../test/support/zip.ts'
import type { ImportSource } from './source.ts'
import { sniffDelimiter, surveyFile, type Declared, type FileSurvey } from './survey-file.ts'

function sourceOf(bytes: Buffer, piece = 65_536): ImportSource {
  return {
    name: 'test.csv',
    bytes: bytes.length,
    open: async function* () {
      for (let i = 0; i < bytes.length; i += piece) yield bytes.subarray(i, i + piece)
      await Promise.resolve()
    },
  }
}

async function read(
  bytes: Buffer | string,
  declared: Declared = {},
  piece?: number,
): Promise<{ survey: FileSurvey; rows: RawRow[] }> {
  const source = sourceOf(Buffer.from(bytes), piece)
  const survey = await surveyFile(source, declared)
  const rows: RawRow[] = []
  for await (const batch of readRows(source, survey)) rows.push(...batch.rows)
  return { survey, rows }
}

const values = (rows: readonly RawRow[]) => rows.map((row) => row.fault?.code ?? row.values.join('|'))
const refusal = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof AppError && error.problem === code && text.test(error.message)

const table = 'name,city\nZoë,Köln\nअशा,दिल्ली\n'
const european = 'name,city\nZoë,Köln\n'

test('encodings: UTF-8 with and without mark, UTF-16 both ways, windows-1252, each said in the report', async () => {
  const utf16be = Buffer.from(`\uFEFF${table}`, 'utf16le').swap16()
  const cases: readonly (readonly [Buffer, string, number])[] = [
    [Buffer.from(table), 'utf-8', 2],
    [Buffer.from(`\uFEFF${table}`), 'utf-8', 2],
    [Buffer.from(`\uFEFF${table}`, 'utf16le'), 'utf-16le', 2],
    [utf16be, 'utf-16be', 2],
    [Buffer.from('name,city\nZoe,Koeln\n', 'utf16le'), 'utf-16le', 1],
    [Buffer.from(european, 'latin1'), 'windows-1252', 1],
  ]
  for (const [bytes, encoding, count] of cases) {
    for (const piece of [1, 3, 65_536]) {
      const { survey, rows } = await read(bytes, {}, piece)
      assert.equal(survey.encoding.encoding, encoding)
      assert.deepEqual(survey.header, ['name', 'city'])
      assert.equal(rows.length, count)
      assert.ok(rows.every((row) => row.fault === null))
      if (encoding !== 'utf-8') assert.match(survey.encoding.note ?? '', /UTF-16|windows-1252/)
    }
  }
  const western = await read(Buffer.from(european, 'latin1'))
  assert.deepEqual(values(western.rows), ['Zoë|Köln'])
})

test('bad bytes in a file that is UTF-8 are refused by line, the rest is read', async () => {
  const bytes = Buffer.concat([
    Buffer.from('name,city\nZoë,Köln\n'),
    Buffer.from([0x4a, 0xff, 0x2c, 0x41, 0x0a]),
    Buffer.from('Ana,Pune\nअ,Delhi\n'),
  ])
  const { survey, rows } = await read(bytes)
  assert.equal(survey.encoding.encoding, 'utf-8')
  assert.match(survey.encoding.note ?? '', /1 byte sequences/)
  assert.deepEqual(
    rows.map((row) => [row.line, row.fault?.code ?? 'ok']),
    [
      [2, 'ok'],
      [3, 'bad_encoding'],
      [4, 'ok'],
      [5, 'ok'],
    ],
  )
})

test('NUL bytes are refused by line', async () => {
  const { rows } = await read('a,b\n1,x\n2,y\0z\n3,w\n')
  assert.deepEqual(values(rows), ['1|x', 'nul_byte', '3|w'])
})

test('gzip is seen by its content; broken, doubled and exploding ones are refused', async () => {
  const { rows } = await read(gzipSync(table))
  assert.equal(rows.length, 2)
  await assert.rejects(read(gzipSync('a,b\n'.repeat(9000)).subarray(0, 60)), refusal('gzip_broken', /broken/))
  await assert.rejects(read(gzipSync(gzipSync(table))), refusal('file_format', /twice/))
  await assert.rejects(read(gzipSync(Buffer.alloc(40_000_000, 'a,b\n'))), refusal('unpack_ratio', /times as large/))
})

test('what is no table is refused with what to do', async () => {
  await assert.rejects(read(zipOf({ 'returns.csv': 'a,b' })), refusal('file_format', /ZIP.*unpack/))
  await assert.rejects(read(Buffer.from([0x50, 0x4b, 3, 4, 20, 0])), refusal('workbook_broken', /save it again/))
  await assert.rejects(read(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2])), refusal('file_format', /XLS.*CSV UTF-8/))
  await assert.rejects(read('<!DOCTYPE html><html><table></table></html>'), refusal('file_format', /web page/))
  await assert.rejects(read('[{"a":1}]'), refusal('file_format', /one object a line/))
  await assert.rejects(
    read(Buffer.from(Array.from({ length: 300 }, (_, i) => i % 7))),
    refusal('file_format', /binary/),
  )
  await assert.rejects(read(''), refusal('file_empty', /empty/))
  await assert.rejects(read('\n\n'), refusal('file_empty', /no rows/))
})

test('delimiters are found, also where cells hold the others', () => {
  assert.equal(sniffDelimiter('a,b,c\n1,2,3\n'), ',')
  assert.equal(sniffDelimiter('a;b;c\n1,5;2,5;3\n1;2;3\n'), ';')
  assert.equal(sniffDelimiter('a\tb\n1\t2,3\n'), '\t')
  assert.equal(sniffDelimiter('a|b\n"1|x"|2\n'), '|')
  assert.equal(sniffDelimiter('only\n1\n'), ',')
})

test('the line with which Excel names its delimiter is no header', async () => {
  const { survey, rows } = await read('sep=;\r\nname;price\r\nZoe;1,5\r\n')
  assert.deepEqual([survey.delimiter, survey.header, survey.headerLine], [';', ['name', 'price'], 2])
  assert.deepEqual(values(rows), ['Zoe|1,5'])
})

test('old Mac line ends', async () => {
  const { rows } = await read('a,b\r1,x\r2,y\r')
  assert.deepEqual(values(rows), ['1|x', '2|y'])
})

test('JSONL: dotted keys, a broken line costs that line', async () => {
  const { survey, rows } = await read('{"a":1,"customer":{"name":"Asha"}}\n{"a":\n[1]\n{"a":"x","b":true}\n')
  assert.equal(survey.format, 'jsonl')
  assert.deepEqual(survey.header, ['a', 'customer.name', 'b'])
  assert.deepEqual(values(rows), ['1|Asha|', 'json_broken', 'json_broken', 'x||true'])
})

test('random bytes are refused or read, never a crash', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ maxLength: 300 }).map((text) => Buffer.from(`a,b\n${text}`)),
  )
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 64 }), async (input, piece) => {
      try {
        const { rows, survey } = await read(Buffer.from(input), {}, piece)
        for (const row of rows) if (row.fault === null) assert.equal(row.values.length, survey.header.length)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
    }),
    { numRuns: 300 },
  )
})
