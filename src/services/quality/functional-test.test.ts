import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rubricSchema } from '#contracts/reference.ts'
import { functionalTest } from './functional-test.ts'

const folder = new URL('../../../data/rubrics/', import.meta.url)
const rubrics = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => rubricSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))

test('every answer of every shipped rubric to whether it works is a pass, a fail or not applicable', () => {
  let asking = 0
  for (const rubric of rubrics) {
    const works = rubric.questions.find(({ id }) => id === 'works')
    if (works === undefined) {
      assert.equal(functionalTest(rubric, {}), 'not_applicable')
      continue
    }
    asking += 1
    assert.equal(functionalTest(rubric, {}), null)
    for (const { value } of works.answers) {
      const wanted = value === 'yes' ? 'pass' : value === 'none' ? 'not_applicable' : 'fail'
      assert.equal(functionalTest(rubric, { works: value }), wanted, `${rubric.id} ${value}`)
    }
  }
  assert.ok(asking >= 5)
})
