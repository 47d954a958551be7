import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { categoriesFileSchema, rubricSchema } from '../../src/contracts/reference.ts'
import hindi from '../messages/reference.hi.json' with { type: 'json' }
import { referenceWords } from './reference.ts'

const data = join(import.meta.dirname, '..', '..', 'data')
const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(data, ...path), 'utf8'))
const word = referenceWords(hindi)

test('every name of the categories and rubrics that ship has a Hindi one', () => {
  const names = new Set(categoriesFileSchema.parse(json('categories.json')).categories.map(({ name }) => name))
  for (const file of readdirSync(join(data, 'rubrics')).filter((name) => name.endsWith('.json'))) {
    const rubric = rubricSchema.parse(json('rubrics', file))
    names.add(rubric.name)
    for (const { label } of [...rubric.shots, ...rubric.accessories, ...rubric.findings]) names.add(label)
    for (const { text, answers } of rubric.questions) {
      names.add(text)
      for (const { label } of answers) names.add(label)
    }
  }
  assert.deepEqual(
    [...names].filter((name) => !(name in hindi)),
    [],
  )
})

test('a sentence with facts in it is found by its template, its parts translated too', () => {
  assert.equal(
    word('Own outlet does not take it: it does not take this grade.'),
    'अपना आउटलेट इसे नहीं लेता: यह ग्रेड नहीं लिया जाता।',
  )
  assert.equal(
    word('requested 41 days after delivery, the window is 10 days'),
    'पहुँचने के 41 दिन बाद माँगी गई, सीमा 10 दिन है',
  )
  assert.equal(word('The hub lacks the capability data_wipe.'), 'हब में यह क्षमता नहीं है: डेटा मिटाना।')
})

test('what the table does not hold stays, codes in it become words', () => {
  assert.equal(word('Our own question?'), 'Our own question?')
  assert.equal(referenceWords({})('The hub lacks the capability data_wipe.'), 'The hub lacks the capability data wipe.')
  assert.equal(referenceWords({})('gb.2025.material_use is missing'), 'gb.2025.material_use is missing')
})

test('a translation holds the facts of its template', () => {
  const factsOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([fact]) => fact).toSorted()
  for (const [source, text] of Object.entries(hindi)) assert.deepEqual(factsOf(text), factsOf(source), source)
})
