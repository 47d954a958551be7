import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
/** How many requirements of levels 1 and 2 each chapter's sections have, by their last numbers: 1.1 has 1.1.1 and 1.1.2. */
const sections: Readonly<Record<string, readonly number[]>> = {
  '1.1': [1, 2],
  '1.2': [1, 2, 3, 4, 5, 6, 7, 8, 9],
  '1.3': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  '1.4': [1, 2, 3],
  '1.5': [1, 2],
  '2.1': [1, 2, 3],
  '2.2': [1, 2, 3],
  '2.3': [1, 2, 3, 4],
  '2.4': [1],
  '3.2': [1, 2],
  '3.3': [1, 2, 3, 4],
  '3.4': [1, 2, 3, 4, 5, 6],
  '3.5': [1, 2, 3, 4, 5],
  '3.7': [1, 2],
  '4.1': [1, 2, 3],
  '4.2': [1],
  '4.3': [1, 2],
  '4.4': [1, 2, 3, 4],
  '5.1': [1],
  '5.2': [1, 2, 3],
  '5.3': [1, 2],
  '5.4': [1, 2, 3],
  '6.1': [1, 2, 3],
  '6.2': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  '6.3': [1, 2, 3],
  '6.4': [1, 2, 3, 4],
  '6.5': [1, 2, 3, 4, 5],
  '6.6': [1, 2, 3],
  '6.8': [1, 2, 3],
  '7.1': [1, 2, 3],
  '7.2': [1, 2, 3, 4],
  '7.3': [1, 2],
  '7.4': [1, 2, 3, 4, 5],
  '7.5': [1, 2],
  '7.6': [1, 2],
  '8.1': [1, 2],
  '8.2': [1, 2, 3],
  '8.3': [1],
  '8.4': [1],
  '9.1': [1, 2, 3],
  '9.2': [1, 2, 3, 4],
  '10.1': [1, 2],
  '10.2': [1, 2],
  '10.3': [1, 2, 3, 4],
  '10.4': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  '10.5': [1, 2, 3, 4, 5],
  '10.6': [1, 2],
  '10.7': [1, 2, 3],
  '11.1': [1, 2],
  '11.2': [1, 2, 3],
  '11.3': [1, 2, 3],
  '11.4': [1, 2, 3],
  '11.5': [1],
  '11.6': [1],
  '12.1': [1, 2, 3],
  '12.2': [1, 2],
  '12.3': [1, 2, 3, 4],
  '13.1': [1],
  '13.2': [1, 2, 3, 4, 5],
  '13.3': [1, 2],
  '13.4': [1, 2, 3, 4, 5],
  '14.1': [1, 2],
  '14.2': [1, 2, 3, 4],
  '14.3': [1, 2, 3],
  '15.1': [1, 2, 3],
  '15.2': [1, 2, 3],
  '15.3': [1, 2, 3, 4, 5, 6, 7],
  '16.1': [1],
  '16.2': [1, 2, 3, 4, 5],
  '16.3': [1, 2, 3, 4],
  '16.4': [1, 2, 3],
  '16.5': [1, 2, 3],
}

/** Files that a text in backticks names, as paths from the root. */
function filesOf(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => {
    const test = /^(http|db|e2e|faults|ports)\/([\w-]+)$/.exec(code)
    if (test !== null) return [`test/${code}.test.ts`]
    return /^(src|test|web|docs|scripts|data|db)\/[\w./-]+\.\w+$/.test(code) || /^[A-Z]+\.md$/.test(code) ? [code] : []
  })
}

test('every requirement of ASVS levels 1 and 2 has its line, once, and what it names is there', () => {
  const text = readFileSync(join(root, 'docs', 'asvs.md'), 'utf8')
  const found = [...text.matchAll(/^\| (\d+\.\d+\.\d+) \| [12] \|/gm)].map((match) => match[1]!)
  const wanted = Object.entries(sections).flatMap(([section, last]) => last.map((number) => `${section}.${number}`))
  assert.deepEqual(found, wanted)
  assert.deepEqual(
    [...new Set(filesOf(text))].filter((file) => !existsSync(join(root, file))),
    [],
  )
})

test('each of the API top 10 has tests, and the tests that it quotes are there', () => {
  const text = readFileSync(join(root, 'docs', 'api-top-10.md'), 'utf8')
  const rows = text.split('\n').filter((line) => /^\| API\d/.test(line))
  assert.equal(rows.length, 10)
  for (const row of rows) {
    const files = filesOf(row)
    assert.ok(files.length > 0, row)
    for (const file of files) assert.ok(existsSync(join(root, file)), file)
    for (const [, file = '', name = ''] of row.matchAll(/`([^`]+)` "([^"]+)"/g))
      assert.ok(readFileSync(join(root, file), 'utf8').includes(name), `${file} has "${name}"`)
  }
})
