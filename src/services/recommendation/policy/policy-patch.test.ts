import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseDecisionData, type DecisionData } from '#contracts/decision.ts'
import { AppError } from '#kernel/errors.ts'
import { patchDecision } from './policy-patch.ts'

const names = ['channels', 'fees', 'transport', 'policy', 'priors', 'constraints', 'emissions'] as const
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../data/decision/${name}.json`, import.meta.url), 'utf8'))
const data = parseDecisionData(
  Object.fromEntries(names.map((name) => [name, read(name)])) as Record<keyof DecisionData, unknown>,
)

function faultsOf(patch: unknown): string[] {
  let pointers: string[] = []
  assert.throws(
    () => patchDecision(data, patch),
    (error) => {
      assert.ok(error instanceof AppError)
      assert.equal(error.problem, 'policy_invalid')
      pointers = error.errors.map((e) => e.pointer)
      return true
    },
  )
  return pointers
}

test('a merge patch changes what it names and nothing else', () => {
  const { data: patched, changed } = patchDecision(data, { policy: { parameters: { lambdaE: { value: 800 } } } })
  assert.deepEqual(changed, ['policy'])
  assert.equal(patched.policy.parameters.lambdaE.value, 800)
  assert.equal(patched.policy.parameters.lambdaE.unit, data.policy.parameters.lambdaE.unit)
  assert.deepEqual(patched.policy.parameters.gst, data.policy.parameters.gst)
  assert.equal(patched.channels, data.channels)
  assert.equal(patched.policy.version, `${data.policy.version}+candidate`)
  assert.equal(data.policy.parameters.lambdaE.value, 400)
})

test('elements of a list go by their names, and by null', () => {
  const { data: patched } = patchDecision(data, {
    channels: { channels: { own_stock: { handlingMinor: 777, routes: { restock: { accepts: { 'books.': null } } } } } },
    policy: { routes: { refurbish: { horizonDays: 10 } }, priceShareOfMrp: { '': { share: 0.5 } } },
  })
  const own = patched.channels.channels.find((c) => c.id === 'own_stock')!
  assert.equal(own.handlingMinor, 777)
  assert.ok(!own.routes[0]!.accepts.some((row) => row.category === 'books.'))
  assert.equal(patched.channels.channels.length, data.channels.channels.length)
  assert.equal(patched.policy.routes.find((r) => r.route === 'refurbish')!.horizonDays, 10)
  const row = data.fees.rows[0]!
  const key = [row.table, row.component, row.category, row.validFrom].join('|')
  const fees = patchDecision(data, { fees: { rows: { [key]: { validTo: '2030-01-01' } } } }).data.fees
  assert.equal(fees.rows[0]!.validTo, '2030-01-01')
})

test('a whole list replaces a list', () => {
  const rows = data.fees.rows.filter((row) => row.component === 'referral')
  const channels = data.channels.channels.map((c) => ({ ...c, feeTable: null }))
  const { data: patched, changed } = patchDecision(data, { fees: { rows }, channels: { channels } })
  assert.equal(patched.fees.rows.length, rows.length)
  assert.deepEqual(changed, ['channels', 'fees'])
})

test('every bad field is named at once', () => {
  assert.deepEqual(
    faultsOf({
      policy: { parameters: { lambdaEE: { value: 1 }, gst: { value: 'much' } }, routes: { resel: {} } },
      channels: { channels: { own_stock: { genericFeeShare: 7 } } },
      prices: {},
    }),
    [
      '/prices',
      '/channels/channels/own_stock/genericFeeShare',
      '/policy/routes/resel',
      '/policy/parameters/gst/value',
      '/policy/parameters',
    ],
  )
})

test('what would change nothing, or is no policy, is refused', () => {
  assert.deepEqual(faultsOf({}), [''])
  assert.deepEqual(faultsOf([]), [''])
  assert.deepEqual(faultsOf(null), [''])
  assert.deepEqual(faultsOf({ priors: { shrinkN: 1 } }), ['/priors'])
  assert.deepEqual(faultsOf({ transport: { services: [] } }), ['/transport/services'])
  assert.deepEqual(faultsOf({ transport: { services: null } }), ['/transport/services'])
})

test('a parameter outside what its unit allows is refused', () => {
  const value = (of: number) => ({ value: of })
  assert.deepEqual(
    faultsOf({
      policy: { parameters: { gst: value(18), draws: value(0.5), wipeMinor: value(-1), lambdaA: value(401) } },
    }),
    ['gst', 'wipeMinor', 'draws', 'lambdaA'].map((id) => `/policy/parameters/${id}/value`).toSorted(byPlace),
  )
})
const order = Object.keys(data.policy.parameters)
const byPlace = (a: string, b: string) => place(a) - place(b)
const place = (pointer: string) => (pointer.includes('lambdaA') ? 99 : order.indexOf(pointer.split('/')[3]!))

test('files that no longer fit one another are refused', () => {
  assert.deepEqual(faultsOf({ channels: { channels: { own_stock: { feeTable: 'nowhere' } } } }), [
    '/channels/channels/own_stock/feeTable',
  ])
  const [first] = data.channels.channels
  assert.deepEqual(faultsOf({ channels: { channels: [first, first] } }), ['/channels/channels'])
})
