import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rubric } from '../../src/contracts/reference.ts'
import {
  answeredFindings,
  emptyReport,
  isQuarantined,
  missingAnswers,
  openQuestions,
  requestOf,
  shotsOf,
} from './inspection.ts'

const finding = { penalty: 10, repairMinor: 0, repairMinutes: 0, isRepairable: true, requiresShot: false }
const rubric: Rubric = {
  version: '1',
  source: 'test',
  licence: 'test',
  id: 'phone',
  name: 'Phones',
  revision: 1,
  currency: 'INR',
  acceptsSealed: true,
  incompletePenalty: 20,
  scale: [{ grade: 'A', minScore: 0 }],
  shots: [
    { id: 'front', label: 'Front', required: true },
    { id: 'detail', label: 'Close up', required: false },
  ],
  accessories: [{ id: 'charger', label: 'Charger', weight: 1 }],
  questions: [
    {
      id: 'works',
      text: 'Does it work?',
      required: true,
      isConditional: false,
      answers: [
        { value: 'yes', label: 'Yes' },
        { value: 'partly', label: 'Partly', opens: ['fault'] },
        { value: 'unsafe', label: 'Hot', finding: 'unsafe' },
      ],
    },
    {
      id: 'fault',
      text: 'What does not?',
      required: false,
      isConditional: true,
      answers: [
        { value: 'screen', label: 'Screen', finding: 'cracked' },
        { value: 'sound', label: 'Sound' },
      ],
    },
  ],
  findings: [
    { ...finding, code: 'cracked', label: 'Cracked', requiresShot: true },
    { ...finding, code: 'unsafe', label: 'Unsafe', quarantine: 'hazard' },
  ],
}

test('an answer opens its questions, another one closes them again', () => {
  assert.deepEqual(
    openQuestions(rubric, {}).map(({ id }) => id),
    ['works'],
  )
  assert.deepEqual(
    openQuestions(rubric, { works: 'partly' }).map(({ id }) => id),
    ['works', 'fault'],
  )
  const report = { ...emptyReport, answers: { works: 'yes', fault: 'screen' } }
  assert.deepEqual(requestOf(rubric, report, 'r').answers, { works: 'yes' })
  assert.deepEqual([...answeredFindings(rubric, report.answers)], [])
})

test('opened questions must be answered, unless it is sealed or dangerous', () => {
  const report = { ...emptyReport, answers: { works: 'partly' } }
  assert.equal(missingAnswers(rubric, emptyReport), 1)
  assert.equal(missingAnswers(rubric, report), 1)
  assert.equal(missingAnswers(rubric, { ...report, isSealed: true }), 0)
  assert.equal(missingAnswers(rubric, { ...report, findings: ['unsafe'] }), 0)
  assert.ok(isQuarantined(rubric, { ...emptyReport, answers: { works: 'unsafe' } }))
})

test('a finding that must be shown asks for the close-up', () => {
  const required = (answers: Record<string, string>, isSealed = false) =>
    shotsOf(rubric, { ...emptyReport, answers, isSealed })
      .filter((shot) => shot.isRequired)
      .map(({ id }) => id)
  assert.deepEqual(required({}), ['front'])
  assert.deepEqual(required({ works: 'partly', fault: 'screen' }), ['front', 'detail'])
  assert.deepEqual(required({}, true), [])
})

test('what was not looked at is left out of the request', () => {
  assert.deepEqual(requestOf(rubric, emptyReport, 'r'), {
    returnId: 'r',
    answers: {},
    findings: [],
    isSealed: false,
    photos: [],
  })
  const report = {
    ...emptyReport,
    hasAccessoriesSeen: true,
    weightGrams: 312,
    note: ' dusty ',
    photos: { front: 'f' },
  }
  assert.deepEqual(requestOf(rubric, report, 'r'), {
    returnId: 'r',
    answers: {},
    findings: [],
    isSealed: false,
    photos: [{ fileId: 'f', shot: 'front' }],
    accessories: [],
    weightGrams: 312,
    note: 'dusty',
  })
})
