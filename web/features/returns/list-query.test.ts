import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiQuery, conditionsOf, isFiltered, type ListState } from './list-query.ts'

const plain: ListState = {
  stage: [],
  disposition: [],
  grade: [],
  hub: [],
  review: false,
  rma: '',
  q: '',
  sort: 'newest',
  cursor: null,
}

test('the state of the list becomes the query of the API', () => {
  assert.equal(decodeURIComponent(apiQuery(plain)), 'sort=-createdAt&limit=100')
  const state: ListState = {
    ...plain,
    stage: ['received', 'quality_check'],
    grade: ['C', 'D'],
    review: true,
    q: 'red & blue',
    sort: 'value',
    cursor: 'abc',
  }
  assert.deepEqual(
    [...new URLSearchParams(apiQuery(state))],
    [
      ['filter[stage]', 'in:received,quality_check'],
      ['filter[grade]', 'in:C,D'],
      ['filter[needsReview]', 'true'],
      ['filter[title]', 'contains:red & blue'],
      ['sort', '-recommendedValueMinor'],
      ['limit', '100'],
      ['cursor', 'abc'],
    ],
  )
  assert.ok(isFiltered(state))
  assert.ok(!isFiltered({ ...plain, sort: 'value', cursor: 'abc' }))
})

test('conditions of a figure go to the API as they are, and nothing else does', () => {
  const address = new URLSearchParams(
    'filter[createdAt]=gte:2026-11-01T00:00:00.000Z&filter[createdAt]=lt:2026-11-02T00:00:00.000Z&stage=received&limit=9',
  )
  const conditions = conditionsOf(address)
  assert.deepEqual(conditions, [
    ['filter[createdAt]', 'gte:2026-11-01T00:00:00.000Z'],
    ['filter[createdAt]', 'lt:2026-11-02T00:00:00.000Z'],
  ])
  assert.equal(
    decodeURIComponent(apiQuery(plain, conditions)),
    'filter[createdAt]=gte:2026-11-01T00:00:00.000Z&filter[createdAt]=lt:2026-11-02T00:00:00.000Z&sort=-createdAt&limit=100',
  )
})
