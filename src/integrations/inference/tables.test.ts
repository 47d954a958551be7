import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { priceClasses } from '#contracts/decision.ts'
import { reasonCodes, returnTypes } from '#contracts/codes.ts'
import { categories, data, predict, unit } from '../../../test/support/decision.ts'
import { openTables, tablePredictor } from './tables.ts'

const close = (a: number, b: number, by: number) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`)
const isFalling = (list: readonly number[]) => list.every((x, i) => i === 0 || x <= list[i - 1]!)

describe('tables', () => {
  it('answers each item in order at level L2', async () => {
    const engine = openTables({ priors: data.priors })
    const items = [unit(), unit({ categoryId: 'books.general.book' })]
    const predictions = await engine.predict(items)
    assert.deepEqual([engine.level, engine.engine], ['L2', 'tables'])
    assert.deepEqual(predictions, items.map(predict))
    await engine.close()
  })

  it('knows every category, reason and return type; better grades bring more and break less', () => {
    for (const categoryId of [...categories.keys(), 'never.seen.before']) {
      for (const reasonCode of [...reasonCodes, 'not a reason']) {
        for (const returnType of returnTypes) {
          const p = predict(unit({ categoryId, reasonCode, returnType, grade: null }))
          close(
            p.gradeProbabilities.reduce((a, b) => a + b, 0),
            1,
            1e-9,
          )
          assert.ok(p.gradeProbabilities.every((x) => x > 0))
          for (const id of priceClasses) assert.ok(isFalling(p.logPrice[id].mean), `${categoryId} ${id}`)
          assert.ok(isFalling(p.repairSuccess) && isFalling(p.repairProbability.map((x) => -x)))
          assert.ok(isFalling(p.daysToSale.map((x) => -x)))
          assert.ok(p.abuse >= 0 && p.abuse <= 1 && p.rereturn >= 0 && p.rereturn <= 1)
        }
      }
    }
  })

  it('expects worse of broken goods and better of parcels nobody opened', () => {
    const good = (over: object) => predict(unit({ grade: null, isOpened: null, ...over })).gradeProbabilities[0]!
    assert.ok(good({ reasonCode: 'defective' }) < good({ reasonCode: 'size_or_fit' }))
    assert.ok(good({ returnType: 'rto' }) > good({}))
    assert.ok(good({ isOpened: false }) > good({ isOpened: true }))
    assert.ok(good({ hasAllAccessories: false }) < good({}))
  })

  it('keeps secondary prices in the ranges that the trade names', () => {
    const ranges = [
      [0.8, 1],
      [0.4, 0.65],
      [0.2, 0.4],
      [0.05, 0.15],
      [0, 0.05],
    ] as const
    for (const id of categories.keys()) {
      predict(unit({ categoryId: id })).logPrice.secondary.mean.forEach((mean, g) => {
        assert.ok(Math.exp(mean) >= ranges[g]![0] - 1e-9 && Math.exp(mean) <= ranges[g]![1] + 1e-9, `${id} ${g}`)
      })
    }
  })

  it('shrinks what was observed to the table by n / (n + 20)', () => {
    const priors = structuredClone(data.priors)
    const { ratio, sd } = priors.prices.find(
      (row) => row.category === 'electronics.' && row.priceClass === 'secondary',
    )!
    priors.observedPrices.push({
      category: 'electronics.mobile',
      priceClass: 'secondary',
      n: [0, 60, 0, 0, 0],
      ratio: [1, 0.7, 1, 1, 1],
      sd,
    })
    const shares: [number, number, number, number, number] = [1, 0, 0, 0, 0]
    priors.observedGrades.push({
      category: 'electronics.mobile',
      reasonCode: 'defective',
      returnType: 'customer_return',
      n: 20,
      shares,
    })
    const learned = tablePredictor(priors)
    const item = unit({ reasonCode: 'defective', grade: null, isOpened: null, hasAllAccessories: null })
    close(learned(item).logPrice.secondary.mean[1]!, 0.75 * Math.log(0.7) + 0.25 * Math.log(ratio[1]), 1e-12)
    assert.equal(learned(item).logPrice.secondary.mean[0], Math.log(ratio[0]))
    close(learned(item).gradeProbabilities[0]!, 0.5 + 0.5 * predict(item).gradeProbabilities[0]!, 1e-12)
    assert.deepEqual(
      learned(unit({ categoryId: 'books.general.book' })),
      predict(unit({ categoryId: 'books.general.book' })),
    )
  })
})

/** Real used-goods prices are beside the repository on a developer's machine and are never shipped. */
const shared = new URL('../../../../shared/data/', import.meta.url)

/** Price over price of two columns, row by row. */
function ratios(name: string, sold: string, fresh: string): number[] {
  const [head, ...rows] = readFileSync(new URL(name, shared), 'utf8').trim().split('\n')
  const names = head!.split(',')
  const [top, bottom] = [names.indexOf(sold), names.indexOf(fresh)]
  // A few names hold a quoted comma, which moves their columns: such rows give no number and are left out.
  return rows
    .map((row) => row.split(','))
    .map((cells) => Number(cells[top]) / Number(cells[bottom]))
    .filter((ratio) => Number.isFinite(ratio) && ratio > 0)
}

function quartiles(list: readonly number[]): number[] {
  const sorted = list.toSorted((a, b) => a - b)
  return [0.25, 0.5, 0.75].map((q) => sorted[Math.round(q * (sorted.length - 1))]!)
}

/** Quartiles of an even mix of grades B and C, the state of most used goods for which no grade is given. */
function tableQuartiles(categoryId: string): number[] {
  const { mean, sd } = predict(unit({ categoryId })).logPrice.secondary
  const steps = Array.from({ length: 199 }, (_, i) => (i - 99) / 33)
  const weighted = steps.flatMap((z) =>
    Array.from({ length: Math.round(100 * Math.exp((-z * z) / 2)) }, () => [
      mean[1]! + sd[1]! * z,
      mean[2]! + sd[2]! * z,
    ]).flat(),
  )
  return quartiles(weighted.map(Math.exp))
}

describe('tables against public used-goods prices', () => {
  const devices = 'used_devices/train.csv'
  const isThere = existsSync(new URL(devices, shared))
  const absent = 'the public price sets are not on this machine'

  it('the phone curve lies where used phones sell', { skip: isThere ? false : absent }, () => {
    const real = quartiles(ratios(devices, 'used_price_eur', 'new_price_eur'))
    const ours = tableQuartiles('electronics.mobile.smartphone')
    real.forEach((q, i) => close(ours[i]!, q, 0.06))
  })

  it(
    'no curve of ours lies above that of vehicles, which hold their price best',
    { skip: isThere ? false : absent },
    () => {
      const real = quartiles(ratios('used_vehicles_in/train.csv', 'selling_price_inr', 'new_price_inr'))
      for (const id of categories.keys()) assert.ok(tableQuartiles(id)[1]! <= real[1]!, id)
    },
  )
})
