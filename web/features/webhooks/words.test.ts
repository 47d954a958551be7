import assert from 'node:assert/strict'
import { test } from 'node:test'
import english from '../../messages/en.json' with { type: 'json' }
import hindi from '../../messages/hi.json' with { type: 'json' }
import { webhookEventTypes, webhookTestType } from '../../../src/contracts/webhooks.ts'

test('every event that a webhook can be told has a name in both languages', () => {
  const wanted = [...webhookEventTypes, webhookTestType].map((type) => type.replace('.', '_')).toSorted()
  for (const messages of [english, hindi]) assert.deepEqual(Object.keys(messages.webhooks.event).toSorted(), wanted)
})
