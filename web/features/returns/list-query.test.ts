import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiQuery, isFiltered, type ListState } from './list-query.ts'

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
