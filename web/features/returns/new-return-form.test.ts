import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, emptyReturn, fieldOfPointer } from './new-return-form.ts'

const now = Date.parse('2026-11-20T06:00:00Z')
const filled = {
  ...emptyReturn,
  clientId: '01920000-0000-7000-8000-000000000001',
  clientRef: ' OD-1/1 ',
  sku: 'BT-450',
  price: 1299.5,
  pickupPincode: '560001',
}

test('an empty form names every field that is needed', () => {
  const { faults, request } = check(emptyReturn, now)
  assert.equal(request, null)
  assert.deepEqual(faults, {
    clientRef: 'required',
    clientId: 'required',
    sku: 'sku',
    pickupPincode: 'required',
  })
})

test('a filled form becomes the request of the API', () => {
  const { faults, request } = check({ ...filled, deliveredOn: '2026-11-10' }, now)
  assert.deepEqual(faults, {})
  assert.deepEqual(request, {
    clientId: filled.clientId,
    clientRef: 'OD-1/1',
    sku: 'BT-450',
    price: { amount: 129950, currency: 'INR' },
    reasonCode: 'unknown',
    returnType: 'customer_return',
    isOpened: false,
    pickupPincode: '560001',
    deliveredAt: '2026-11-09T18:30:00.000Z',
  })
})

test('what the schema refuses is told at its field', () => {
  const { faults } = check(
    {
      ...filled,
      pickupPincode: '012345',
      price: -1,
      identifiedBy: 'title',
      title: '',
      deliveredOn: '2026-12-01',
    },
    now,
  )
  assert.deepEqual(faults, {
    price: 'price',
    pickupPincode: 'pincode',
    title: 'title',
    categoryId: 'category',
    deliveredOn: 'delivered',
  })
  assert.equal(fieldOfPointer('/price/amount'), 'price')
  assert.equal(fieldOfPointer('/customer/name'), undefined)
})
