import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patchOf } from './patch-of.ts'

test('chosen values and the text of other parts become one patch', () => {
  const others = '{"policy":{"routes":{"refurbish":{"horizonDays":10}},"parameters":{"gst":{"value":0.2}}}}'
  assert.deepEqual(patchOf(['lambdaE'], { lambdaE: 500, eta: 3 }, others), {
    fault: null,
    patch: {
      policy: {
        routes: { refurbish: { horizonDays: 10 } },
        parameters: { gst: { value: 0.2 }, lambdaE: { value: 500 } },
      },
    },
  })
})

test('nothing chosen, and text that is no JSON object, is said', () => {
  assert.deepEqual(patchOf([], {}, ' '), { fault: 'empty', patch: null })
  assert.deepEqual(patchOf(['lambdaE'], { lambdaE: '' }, ''), { fault: 'empty', patch: null })
  assert.deepEqual(patchOf(['lambdaE'], { lambdaE: 1 }, '{'), { fault: 'json', patch: null })
  assert.deepEqual(patchOf([], {}, '[1]'), { fault: 'json', patch: null })
})
