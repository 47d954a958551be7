import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Rubric, rubricSchema } from '#contracts/reference.ts'
import type { FieldError } from '#kernel/errors.ts'
import { grade, type Observation, openQuestions } from './grade.ts'
import { gradeRank } from './grade-rank.ts'
import { estimateRepair } from './repair-estimate.ts'
import { rubricFaults } from './rubric-faults.ts'
import { missingShots } from './shots.ts'

const folder = new URL('../../../data/rubrics/', import.meta.url)
const rubrics: readonly Rubric[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => rubricSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))
const phone = rubrics.find(({ id }) => id === 'phone')!
const apparel = rubrics.find(({ id }) => id === 'apparel')!

function seen(changes: Partial<Observation>): Observation {
  return { answers: { works: 'yes', look: 'like_new' }, findings: [], isSealed: false, ...changes }
}

function graded(rubric: Rubric, observation: Observation) {
  const outcome = grade(rubric, observation)
  assert.ok(outcome.ok, JSON.stringify(outcome))
  return outcome.value
}

function errorsOf(rubric: Rubric, observation: Observation): readonly FieldError[] {
  const outcome = grade(rubric, observation)
  assert.ok(!outcome.ok)
  return outcome.rejection.errors ?? []
}

/** Every complete set of answers: each open question answered, in every way. */
function* completeAnswers(rubric: Rubric, answers: Record<string, string> = {}): Generator<Record<string, string>> {
  const open = openQuestions(rubric, answers)
  const next = rubric.questions.find(({ id }) => open.has(id) && !Object.hasOwn(answers, id))
  if (!next) yield answers
  else for (const { value } of next.answers) yield* completeAnswers(rubric, { ...answers, [next.id]: value })
}

describe('grade', () => {
  it('grades a phone by hand', () => {
    assert.deepEqual(graded(phone, seen({ accessories: ['charger', 'box', 'sim_tool'] })), {
      grade: 'A',
      score: 100,
      findings: [],
      completeness: 1,
      quarantine: null,
      trace: [],
    })
    const used = graded(phone, seen({ answers: { works: 'yes', look: 'light' }, accessories: ['charger'] }))
    // 100 - 12 - 20 x 1.5/4.5
    assert.equal(used.score, 100 - 12 - 20 * (1 - 3 / 4.5))
    assert.equal(used.grade, 'B')
    assert.deepEqual(
      used.trace.map(({ cause }) => cause),
      ['finding:light_marks', 'incomplete'],
    )
    const broken = graded(phone, seen({ answers: { works: 'yes', look: 'damaged', damage: 'screen' } }))
    assert.deepEqual([broken.grade, broken.score, broken.findings], ['D', 50, ['cracked_screen']])
    assert.equal(broken.completeness, null)
  })

  it('caps the grade where the score alone would be better', () => {
    const { grade: capped, score } = graded(phone, seen({ findings: ['weak_battery'] }))
    assert.deepEqual([capped, score], ['C', 72])
    const washable = graded(apparel, seen({ answers: { wear: 'no', state: 'marks' } }))
    assert.deepEqual([washable.grade, washable.score], ['B', 82])
  })

  it('gives S to an unbroken seal only where the rubric says so', () => {
    assert.equal(graded(phone, seen({ answers: {}, isSealed: true })).grade, 'S')
    const dented = graded(phone, seen({ answers: {}, findings: ['pack_damaged'], isSealed: true }))
    assert.deepEqual([dented.grade, dented.score, dented.completeness], ['A', 94, 1])
    assert.equal(graded(apparel, seen({ answers: { wear: 'no', state: 'clean' }, isSealed: true })).grade, 'A')
    assert.deepEqual(
      errorsOf(apparel, seen({ answers: {}, isSealed: true })).map(({ code }) => code),
      ['answer_missing', 'answer_missing'],
    )
  })

  it('quarantines at once, the gravest reason first, and asks for nothing more', () => {
    const swollen = graded(phone, seen({ answers: { works: 'unsafe' } }))
    assert.deepEqual([swollen.grade, swollen.quarantine], ['Q', 'hazard'])
    const both = graded(phone, seen({ answers: { look: 'not_it', identity: 'copy', works: 'unsafe' } }))
    assert.equal(both.quarantine, 'hazard')
    const other = graded(phone, seen({ answers: { works: 'yes', look: 'not_it', identity: 'wrong_item' } }))
    assert.deepEqual([other.grade, other.quarantine], ['Q', 'wrong_item'])
    assert.equal(graded(phone, seen({ answers: {}, findings: ['suspected_counterfeit'], isSealed: true })).grade, 'Q')
  })

  it('names all that is wrong at once, with pointers', () => {
    const errors = errorsOf(phone, {
      answers: { works: 'perhaps', colour: 'red', damage: 'screen', 'a/b~c': 'x' },
      findings: ['light_marks', 'ghost'],
      accessories: ['charger', 'sword'],
      isSealed: false,
    })
    assert.deepEqual(
      errors.map(({ pointer, code }) => `${pointer} ${code}`),
      [
        '/answers/works answer_unknown',
        '/answers/colour question_unknown',
        '/answers/damage question_not_open',
        '/answers/a~1b~0c question_unknown',
        '/answers/look answer_missing',
        '/findings/1 finding_unknown',
        '/accessories/1 accessory_unknown',
      ],
    )
    assert.deepEqual(
      errorsOf(phone, seen({ answers: { works: 'partly', look: 'damaged' } })).map(({ pointer }) => pointer),
      ['/answers/fault', '/answers/damage'],
    )
    assert.equal(errorsOf(phone, seen({ answers: { works: 'yes', look: 'light', constructor: 'yes' } })).length, 1)
  })

  for (const rubric of rubrics) {
    it(`${rubric.id}: sound, quick to answer, and every way through it gives a grade`, () => {
      assert.deepEqual(rubricFaults(rubric), [])
      assert.ok(rubric.questions.filter(({ required }) => required).length <= 2)
      assert.ok(
        rubric.questions.every(({ answers }) => answers.length <= 4),
        'four keys answer a question',
      )
      const reached = new Set<string>()
      for (const answers of completeAnswers(rubric)) {
        const value = graded(rubric, { answers, findings: [], isSealed: false })
        reached.add(value.grade)
        const caps = value.trace.flatMap(({ gradeCap }) => gradeCap ?? [])
        assert.ok(caps.every((cap) => gradeRank(value.grade) >= gradeRank(cap)))
        assert.equal(value.grade === 'Q', value.quarantine !== null)
      }
      assert.ok(reached.has('A') && reached.has('Q') && (reached.has('D') || reached.has('E')), [...reached].join())
    })

    const complete = [...completeAnswers(rubric)]
    const observation = fc.record({
      answers: fc.constantFrom(...complete),
      findings: fc.subarray(rubric.findings.map(({ code }) => code)),
      accessories: fc.option(fc.subarray(rubric.accessories.map(({ id }) => id)), { nil: undefined }),
      isSealed: fc.boolean(),
    })

    it(`${rubric.id}: another finding never betters the grade or score, order and repetition mean nothing`, () =>
      fc.assert(
        fc.property(observation, fc.constantFrom(...rubric.findings.map(({ code }) => code)), (before, more) => {
          const without = graded(rubric, before)
          const found = graded(rubric, { ...before, findings: [...before.findings, more] })
          assert.ok(gradeRank(found.grade) >= gradeRank(without.grade))
          assert.ok(found.score <= without.score)
          const reversed = graded(rubric, {
            ...before,
            answers: Object.fromEntries(Object.entries(before.answers).toReversed()),
            findings: [...before.findings, ...before.findings].toReversed(),
          })
          assert.deepEqual(reversed, without)
        }),
      ))

    it(`${rubric.id}: a repair estimate is whole money, and 0 for what is beyond repair`, () =>
      fc.assert(
        fc.property(observation, (before) => {
          const estimate = estimateRepair(rubric, before)
          assert.ok(Number.isInteger(estimate.amount.amount) && estimate.amount.amount >= 0)
          if (!estimate.isRepairable) assert.deepEqual([estimate.amount.amount, estimate.minutes], [0, 0])
          if (graded(rubric, before).quarantine) assert.equal(estimate.isRepairable, false)
        }),
      ))
  }
})

describe('repair estimate', () => {
  it('adds what the findings cost, each once', () => {
    const report = {
      answers: { works: 'partly', fault: 'battery', look: 'damaged', damage: 'back' },
      findings: ['weak_battery', 'pack_damaged'],
    }
    assert.deepEqual(estimateRepair(phone, report), {
      amount: { amount: 95_000 + 120_000 + 2_500, currency: 'INR' },
      minutes: 52,
      isRepairable: true,
    })
    assert.deepEqual(estimateRepair(phone, { ...report, findings: ['water_or_bent'] }).isRepairable, false)
  })
})

describe('missing shots', () => {
  it('asks for those of the rubric and of the findings that must be shown', () => {
    const report = seen({ answers: { works: 'yes', look: 'damaged', damage: 'screen' } })
    assert.deepEqual(missingShots(phone, { ...report, photos: [{ shot: 'front' }] }), ['back', 'cracked_screen'])
    assert.deepEqual(
      missingShots(phone, { ...report, photos: [{ shot: 'front' }, { shot: 'back' }, { shot: 'detail' }] }),
      [],
    )
    assert.deepEqual(missingShots(phone, { ...seen({ answers: {}, isSealed: true }), photos: [] }), [])
  })
})
