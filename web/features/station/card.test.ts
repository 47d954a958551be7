import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Rubric } from '../../../src/contracts/reference.ts'
import type { Return } from '../../../src/contracts/returns.ts'
import { adviceOf, type Card, cardOf, currentQuestion, isComplete, localAnswer, missingOf } from './card.ts'

const rubricOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../data/rubrics/${name}.v1.json`, import.meta.url), 'utf8')) as Rubric

const unit = (more: Partial<Return> = {}): Return =>
  ({
    id: 'u1',
    lpn: 'LP-D857N2YNJAF',
    rmaNumber: 'RMA-1',
    clientRef: 'C-1',
    awb: null,
    orderRef: 'OD-1',
    serialNumber: null,
    sku: 'SKU-1',
    stage: 'received',
    grade: null,
    acceptance: 'accepted',
    createdAt: '2026-11-01T00:00:00.000Z',
    recommendation: {
      id: 'r',
      disposition: 'resell',
      channel: 'own_outlet',
      value: { amount: 1, currency: 'INR' },
      confidence: 0.8,
    },
    ...more,
  }) as Return

const answered = (card: Card, answers: Record<string, string>, photos: Record<string, string> = {}): Card => ({
  ...card,
  report: { ...card.report, answers, photos },
})

test('questions come one by one, an answer opens further ones, and photos are asked for by finding', () => {
  const card = { ...cardOf(unit()), rubric: rubricOf('accessory') }
  assert.equal(currentQuestion(card)?.id, 'look')
  assert.equal(currentQuestion(answered(card, { look: 'light' }))?.id, 'works')
  const damaged = answered(card, { look: 'damaged', works: 'yes' })
  assert.equal(currentQuestion(damaged)?.id, 'damage')
  const torn = answered(card, { look: 'damaged', works: 'yes', damage: 'tear' }, { front: 'local:1' })
  assert.equal(currentQuestion(torn), null)
  assert.deepEqual(
    missingOf(torn).shots.map(({ id }) => id),
    ['broken_part'],
  )
  assert.equal(isComplete(answered(torn, torn.report.answers, { front: 'local:1', broken_part: 'local:2' })), true)
  assert.equal(currentQuestion({ ...torn, revisited: 'look' })?.id, 'look')
})

test('where the rubric asks two questions and no photo, two answers make a check', () => {
  const card = { ...cardOf(unit()), rubric: rubricOf('beauty') }
  const [first, second] = card.rubric.questions.filter((one) => one.required)
  const answers = { [first!.id]: first!.answers[0]!.value, [second!.id]: second!.answers[0]!.value }
  assert.equal(isComplete(answered(card, answers)), true)
})

test('without a line a unit is found by any of its codes, its own code first, the longest waiting first', () => {
  const cards = [
    unit({ id: 'new', lpn: 'LP-2', createdAt: '2026-11-05T00:00:00.000Z' }),
    unit({ id: 'old', lpn: 'LP-1', createdAt: '2026-11-01T00:00:00.000Z' }),
  ]
  assert.deepEqual(
    localAnswer(cards, 'SKU-1').map(({ id }) => id),
    ['old', 'new'],
  )
  assert.deepEqual(
    localAnswer(cards, 'LP-2').map(({ id }) => id),
    ['new'],
  )
  assert.deepEqual(localAnswer(cards, 'nothing'), [])
})

test('advice from before the grade is marked, and names no channel that could have changed', () => {
  assert.deepEqual(adviceOf({ ...cardOf(unit()), step: 'decide' }), {
    disposition: 'resell',
    channel: null,
    value: { amount: 1, currency: 'INR' },
    confidence: 0.8,
    isBefore: true,
  })
  assert.equal(adviceOf(cardOf(unit({ stage: 'quality_check', grade: 'B' })))?.isBefore, false)
})

test('where a unit stands decides what the bench does with it', () => {
  assert.equal(cardOf(unit({ stage: 'hub_assigned' })).step, 'grade')
  assert.equal(cardOf(unit({ stage: 'quality_check' })).step, 'decide')
  assert.equal(cardOf(unit({ stage: 'quality_check', acceptance: 'manual_review' })).step, 'review')
  assert.equal(cardOf(unit({ stage: 'disposition' })).step, 'decided')
})
