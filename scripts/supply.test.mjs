import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAllowed, supplyFaults } from './supply.mjs'

const fine = { name: 'left', path: 'node_modules/left', version: '1.0.0', license: 'MIT', integrity: 'sha512-x' }
const npmrc = 'ignore-scripts=true\n'

void test('what is there now is on the lists', () => {
  assert.deepEqual(supplyFaults(), [])
})

void test('a licence, an install script, a missing checksum, a registry, scripts that run: each is told', () => {
  assert.deepEqual(supplyFaults([fine], npmrc), [])
  const told = (entry, rc = npmrc) => supplyFaults([{ ...fine, ...entry }], rc).join()
  assert.match(told({ license: 'AGPL-3.0' }), /licence AGPL-3\.0/)
  assert.match(told({ license: undefined }), /none named/)
  assert.match(told({ hasInstallScript: true }), /install script/)
  assert.match(told({ integrity: undefined }), /checksum/)
  assert.match(told({ resolved: 'https://registry.example.com/left.tgz' }), /registry/)
  assert.match(told({}, 'ignore-scripts=false\n'), /ignore-scripts/)
})

void test('of an OR one is enough, of an AND all are needed', () => {
  for (const fineOne of ['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC']) assert.ok(isAllowed(fineOne), fineOne)
  for (const wrong of ['', 'GPL-3.0', 'MIT AND GPL-3.0', 'SEE LICENSE IN x']) assert.ok(!isAllowed(wrong), wrong)
})
