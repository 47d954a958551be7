import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { hintOf, marksOf } from './marks.ts'

const secrets = { mark: (...parts: string[]) => createHash('sha256').update(parts.join('|')).digest('hex') }
const mark = (values: Parameters<typeof marksOf>[2], client = 'c') => marksOf(secrets, client, values)[0]?.mark

test('one person written in different ways has one mark', () => {
  assert.equal(mark({ phone: '+91 98123-45678' }), mark({ phone: '098123 45678' }))
  assert.equal(mark({ email: ' Asha@Example.com' }), mark({ email: 'asha@example.com' }))
  assert.equal(mark({ name: 'Asha  Kumari' }), mark({ name: 'asha kumari' }))
  assert.equal(mark({ name: 'आशा' }), mark({ name: ' आशा ' }))
})

test('other persons, kinds and clients have other marks; an empty value has none', () => {
  assert.notEqual(mark({ email: 'a@example.com' }), mark({ email: 'b@example.com' }))
  assert.notEqual(mark({ name: 'a@example.com' }), mark({ email: 'a@example.com' }))
  assert.notEqual(mark({ ref: 'x' }, 'c'), mark({ ref: 'x' }, 'd'))
  assert.deepEqual(marksOf(secrets, 'c', { phone: '---' }), [])
  assert.equal(marksOf(secrets, 'c', { email: 'a@example.com', phone: '9', name: 'n', ref: 'r' }).length, 4)
})

test('a hint tells persons apart and shows none of them', () => {
  assert.deepEqual(hintOf({ name: 'Asha Kumari', email: 'asha@example.com', phone: '+91 98123 45678' }), {
    name: 'A… K…',
    email: 'a…@e…',
    phone: '…78',
  })
  assert.deepEqual(hintOf({ note: 'torn' }), { name: null, email: null, phone: null })
})
