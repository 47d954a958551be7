import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitCsv, type RawRow } from './csv-records.ts'

function split(text: string, options: { delimiter?: string; piece?: number } = {}): RawRow[] {
  const splitter = splitCsv(options.delimiter ?? ',')
  const rows: RawRow[] = []
  const piece = options.piece ?? Math.max(1, text.length)
  for (let i = 0; i < text.length; i += piece) rows.push(...splitter.push(text.slice(i, i + piece)))
  rows.push(...splitter.end())
  return rows
}

const brief = (rows: readonly RawRow[]) =>
  rows.map((row) => (row.fault === null ? [row.line, ...row.values] : [row.line, row.fault.code]))

test('quoted cells, escaped quotes, line breaks inside cells, both line ends', () => {
  assert.deepEqual(brief(split('a,b\r\n1,"x, ""y"""\r\n2,"two\nlines"\n3,z')), [
    [1, 'a', 'b'],
    [2, '1', 'x, "y"'],
    [3, '2', 'two\nlines'],
    [5, '3', 'z'],
  ])
})

test('blank lines are passed over and counted; a quote inside a bare cell is itself', () => {
  assert.deepEqual(brief(split('a,b\n\n,\n1,5" pipe\n')), [
    [1, 'a', 'b'],
    [4, '1', '5" pipe'],
  ])
})

test('ragged rows are refused by line, empty cells too many are not', () => {
  assert.deepEqual(brief(split('a,b\n1\n1,2,3\n1,2,,\n4,5\n')), [
    [1, 'a', 'b'],
    [2, 'ragged_row'],
    [3, 'ragged_row'],
    [4, '1', '2'],
    [5, '4', '5'],
  ])
})

test('a quote that is never closed costs one line', () => {
  const text = 'a,b\n1,"open\n2,x\n3,"y"\n4,z\n'
  assert.deepEqual(brief(split(text)), [
    [1, 'a', 'b'],
    [2, 'quote_broken'],
    [3, '2', 'x'],
    [4, '3', 'y'],
    [5, '4', 'z'],
  ])
  assert.deepEqual(brief(split('a,b\n1,"open\n2,x\n3,y')), [
    [1, 'a', 'b'],
    [2, 'quote_broken'],
    [3, '2', 'x'],
    [4, '3', 'y'],
  ])
})

test('text after a closing quote costs that line only', () => {
  assert.deepEqual(brief(split('a,b\n1,"x"y\n2,z\n')), [
    [1, 'a', 'b'],
    [2, 'quote_broken'],
    [3, '2', 'z'],
  ])
})

test('a record that would swallow its neighbours is given up for its first line', () => {
  const rows = split('a,b\n1,"open\n2,x\n3,",y"\n4,z\n')
  assert.deepEqual(
    rows.filter((row) => row.fault === null).map((row) => row.values[0]),
    ['a', '2', '3', '4'],
  )
})

test('an open quote in a long file is given up after a bounded stretch', () => {
  const good = Array.from({ length: 20_000 }, (_, i) => `${i},value of row ${i}`)
  const rows = split(['a,b', 'x,"open', ...good].join('\n'), { piece: 65_536 })
  assert.equal(rows.filter((row) => row.fault !== null).length, 1)
  assert.equal(rows.length, 20_002)
})

test('a line without an end is refused with its number', () => {
  assert.throws(() => split(`a,b\n1,${'x'.repeat(400_000)}`, { piece: 65_536 }), /line 2 is longer/)
})

test('however the text is cut into pieces, the rows are the same, and each printed table is read back', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é', ';'), maxLength: 6 })
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 })
  const print = (rows: readonly (readonly string[])[]) =>
    rows.map((row) => row.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')).join('\n')
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 20 }), (rows, piece) => {
      const text = print([['h1', 'h2', 'h3'], ...rows])
      const whole = split(text)
      assert.deepEqual(split(text, { piece }), whole)
      const kept = rows.filter((row) => row.some((c) => c.trim() !== ''))
      assert.deepEqual(
        whole.slice(1).map((row) => row.values),
        kept,
      )
    }),
  )
})

test('no text is an exception, and lines never run backwards', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '1'), maxLength: 200 })
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (input, piece) => {
      const rows = split(input, { piece })
      assert.deepEqual(rows, split(input))
      rows.forEach((row, i) =>
        assert.ok(
          row.nextLine > row.line && (i === 0 || row.line >= rows[i - 1]!.nextLine || rows[i - 1]!.fault !== null),
        ),
      )
    }),
    { numRuns: 500 },
  )
})
