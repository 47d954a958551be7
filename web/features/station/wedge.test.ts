import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyWedge, looksLikeBarcode, takeKey, type ScannedCode, type Wedge } from './wedge.ts'

const bare = { prefix: '', suffix: '' }

function type(keys: readonly string[], gapsMs: readonly number[], wrapping = bare): (ScannedCode | null)[] {
  let wedge: Wedge = emptyWedge
  let at = 0
  const codes: (ScannedCode | null)[] = []
  keys.forEach((key, i) => {
    at += gapsMs[i % gapsMs.length]!
    const taken = takeKey(wedge, { key, at, isModified: false }, wrapping)
    wedge = taken.wedge
    if (taken.code !== null) codes.push(taken.code)
  })
  return codes
}

test('a code is whole whatever the gaps between its keys', () => {
  const keys = [...Array.from('LP-D857N2YNJAF'), 'Enter']
  for (const gaps of [[1], [35], [0, 0, 0, 400], [2, 1500, 3]])
    assert.deepEqual(
      type(keys, gaps).map((code) => code?.text),
      ['LP-D857N2YNJAF'],
    )
  assert.equal(type(keys, [3])[0]?.source, 'scanner')
  assert.equal(type(keys, [180])[0]?.source, 'human')
})

test('Enter and Tab do their own work when nothing was scanned; so does a space', () => {
  for (const key of ['Enter', 'Tab', ' ', 'F6', 'ArrowDown', 'Escape', 'Backspace', 'Shift'])
    assert.equal(takeKey(emptyWedge, { key, at: 0, isModified: false }, bare).isTaken, false, key)
  assert.equal(takeKey(emptyWedge, { key: 'c', at: 0, isModified: true }, bare).isTaken, false)
})

test('what a scanner wraps around a code is taken off, typing errors can be taken back', () => {
  assert.equal(type([...Array.from('~LP-1#'), 'Tab'], [5], { prefix: '~', suffix: '#' })[0]?.text, 'LP-1')
  assert.equal(type([...Array.from('LP-2'), 'Backspace', '1', 'Enter'], [200])[0]?.text, 'LP-1')
  assert.deepEqual(type([...Array.from('LP-2'), 'Escape', 'Enter'], [200]), [])
  assert.deepEqual(
    type([...Array.from('SR*ANSWER*1'), 'Enter', ...Array.from('A B'), 'Enter'], [5]).map((code) => code?.text),
    ['SR*ANSWER*1', 'A B'],
  )
})

test('a quantity is no barcode', () => {
  for (const text of ['312', '1,25,000', '20 00']) assert.equal(looksLikeBarcode(text), false, text)
  for (const text of ['LP-D857N2YNJAF', '8901234567894', 'SR*UNDO']) assert.equal(looksLikeBarcode(text), true, text)
})
