import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeOf, formatFigure } from './figure-value.ts'

test('figures are shown in their unit', () => {
  assert.equal(formatFigure('en', 'count', 123_456, null), '1,23,456')
  assert.equal(formatFigure('en', 'share', 0.634, null), '63%')
  assert.equal(formatFigure('en', 'hours', 31.25, null), '31.3 h')
  assert.equal(formatFigure('en', 'money', 18_200_049, 'INR'), '₹1,82,000')
})

test('a change is in percent, of a share in points, and nothing where nothing was', () => {
  assert.equal(changeOf('count', 110, 100), 10)
  assert.equal(Math.round(changeOf('share', 0.65, 0.6)!), 5)
  assert.equal(changeOf('money', -50, -100), 50)
  assert.equal(changeOf('count', 5, 0), null)
  assert.equal(changeOf('share', null, 0.5), null)
})
