import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { data } from '../../../test/support/decision.ts'
import { askingPrice, compileFees, feeRowsAt, priceFee, weightFee } from './fees.ts'

const gst = 1.18
const apparelAt = (day: string) =>
  compileFees(
    feeRowsAt(data.fees.rows, {
      table: 'amazon_in',
      categoryId: 'fashion.apparel.ethnic',
      atMs: Date.parse(day),
    }),
    gst,
  )

describe('fees', () => {
  it('charges the share of the slab that holds the whole price, and the closing fee', () => {
    const schedule = apparelAt('2026-11-01')
    assert.equal(priceFee(schedule, 30_000), 0 + 1_000)
    assert.equal(priceFee(schedule, 45_000), 0.045 * 45_000 + 1_000)
    assert.equal(priceFee(schedule, 79_900), 0.11 * 79_900 + 2_600)
    assert.equal(priceFee(schedule, 150_000), 0.19 * 150_000 + 5_100)
  })

  it('takes the rows that are valid on the day', () => {
    assert.equal(priceFee(apparelAt('2025-08-31'), 79_900), 0.16 * 79_900 + 2_600)
    assert.equal(priceFee(apparelAt('2025-09-01'), 79_900), 0.11 * 79_900 + 2_600)
  })

  it('ends a row after its last day', () => {
    const row = {
      ...data.fees.rows[0]!,
      validFrom: '2026-01-01',
      validTo: '2026-03-31',
      category: '',
      table: 't',
    }
    const on = (day: string) => feeRowsAt([row], { table: 't', categoryId: 'x', atMs: Date.parse(day) }).length
    assert.deepEqual([on('2025-12-31'), on('2026-01-01'), on('2026-03-31T23:59:59Z'), on('2026-04-01')], [0, 1, 1, 0])
  })

  it('charges mass by started steps', () => {
    const schedule = apparelAt('2026-11-01')
    assert.equal(weightFee(schedule, 0.3), 6_500)
    assert.equal(weightFee(schedule, 0.5), 6_500)
    assert.equal(weightFee(schedule, 0.51), 6_500 + 2_100)
    assert.equal(weightFee(schedule, 1.6), 6_500 + 3 * 2_100)
  })

  it('asks the edge of a cheaper slab where that leaves more', () => {
    const schedule = apparelAt('2026-11-01')
    assert.equal(askingPrice(schedule, 100_100, gst), 100_000)
    assert.equal(askingPrice(schedule, 140_000, gst), 140_000)
  })

  it('never leaves less for a higher price', () => {
    const tables = ['amazon_in', 'flipkart', 'own_store', 'liquidator', 'refurb_marketplace']
    const net = (schedule: ReturnType<typeof compileFees>, price: number) => {
      const asked = askingPrice(schedule, price, gst)
      return asked - gst * priceFee(schedule, asked)
    }
    const price = fc.integer({ min: 1, max: 3_000_000 })
    const category = fc.constantFrom('fashion.apparel.ethnic', 'electronics.mobile.tablet', 'books.general.book')
    fc.assert(
      fc.property(fc.constantFrom(...tables), category, price, price, (table, categoryId, a, b) => {
        const schedule = compileFees(
          feeRowsAt(data.fees.rows, { table, categoryId, atMs: Date.parse('2026-11-01') }),
          gst,
        )
        assert.ok(net(schedule, Math.max(a, b)) >= net(schedule, Math.min(a, b)) - 1e-6)
      }),
    )
  })
})
