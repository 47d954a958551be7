import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Rubric } from '#contracts/reference.ts'
import { rubricFaults } from './rubric-faults.ts'

const finding = {
  code: 'mark',
  label: 'Mark',
  penalty: 10,
  repairMinor: 0,
  repairMinutes: 0,
  isRepairable: true,
  requiresShot: false,
} as const

function rubric(changes: Partial<Rubric>): Rubric {
  return {
    version: '1',
    source: 'test',
    licence: 'none',
    id: 'test',
    name: 'Test',
    revision: 1,
    currency: 'INR',
    acceptsSealed: false,
    incompletePenalty: 0,
    scale: [
      { grade: 'A', minScore: 90 },
      { grade: 'E', minScore: 0 },
    ],
    shots: [],
    accessories: [],
    findings: [finding],
    questions: [
      {
        id: 'look',
        text: 'Look?',
        required: true,
        isConditional: false,
        answers: [
          { value: 'a', label: 'A' },
          { value: 'b', label: 'B', finding: 'mark' },
        ],
      },
    ],
    ...changes,
  }
}

it('a rubric that leads somewhere has no fault', () => {
  assert.deepEqual(rubricFaults(rubric({})), [])
})

it('every fault of a rubric is named', () => {
  const answers = [
    { value: 'a', label: 'A', opens: ['look', 'nowhere'] },
    { value: 'a', label: 'B', finding: 'ghost' },
  ]
  const faults = rubricFaults(
    rubric({
      findings: [finding, finding],
      questions: [
        { id: 'look', text: 'Look?', required: true, isConditional: false, answers },
        { id: 'never', text: 'Never?', required: false, isConditional: true, answers },
      ],
      scale: [
        { grade: 'C', minScore: 50 },
        { grade: 'B', minScore: 60 },
        { grade: 'S', minScore: 10 },
      ],
    }),
  )
  for (const part of [
    'finding mark stands twice',
    'answer look=a stands twice',
    'unknown finding ghost',
    'opens look, which is no conditional',
    'opens nowhere, which',
    'no answer opens question never',
    'does not reach down to 0',
    'never earned',
    'does not fall at B',
  ]) {
    assert.ok(
      faults.some((fault) => fault.includes(part)),
      part,
    )
  }
})
