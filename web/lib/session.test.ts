import assert from 'node:assert/strict'
import { test } from 'node:test'
import { homeOf } from './session.ts'

test('the work of each role begins at its own place; a manager of one hub at that hub', () => {
  assert.equal(homeOf({ role: 'worker', hubIds: ['a'] }), '/station')
  assert.equal(homeOf({ role: 'analyst', hubIds: null }), '/analytics')
  assert.equal(homeOf({ role: 'admin', hubIds: null }), '/admin')
  assert.equal(homeOf({ role: 'manager', hubIds: null }), '/hubs')
  assert.equal(homeOf({ role: 'manager', hubIds: ['a', 'b'] }), '/hubs')
  assert.equal(homeOf({ role: 'manager', hubIds: [] }), '/hubs')
  assert.equal(homeOf({ role: 'manager', hubIds: ['a'] }), '/hubs/a')
})
