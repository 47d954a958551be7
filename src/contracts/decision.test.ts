import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { routes } from './codes.ts'
import { parseDecisionData } from './decision.ts'
import { categories, data } from '../../test/support/decision.ts'

const factors = new Map(
  readFileSync(new URL('../../data/esg/factors.csv', import.meta.url), 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.match(/(".*?"|[^,]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? [])
    .map((cells) => [cells[0]!, Number(cells[4])] as const),
)

describe('decision data', () => {
  it('holds the emission factors of the factor table, by id', () => {
    const { van, lorry, grid, waste, products, materials } = data.emissions
    const treatments = Object.values(waste).flatMap((row) => [row.recycle, row.destroy])
    for (const factor of [van, lorry, grid, ...treatments]) {
      if (factor === null) continue
      const sum = factor.factorIds.reduce((total, id) => total + factors.get(id)!, 0)
      assert.ok(Math.abs(sum - factor.kgPerUnit) < 1e-9, factor.factorIds.join())
    }
    for (const [id, kg] of Object.entries({ ...products, ...materials })) assert.equal(kg, factors.get(id), id)
    for (const { productFactorId, materialFactorId } of categories.values()) {
      if (productFactorId !== null) assert.ok(productFactorId in products, productFactorId)
      if (materialFactorId !== null) assert.ok(materialFactorId in materials, materialFactorId)
    }
  })

  it('serves every route by a channel and states a status and a source for every number', () => {
    const served = new Set(data.channels.channels.flatMap((channel) => channel.routes.map((row) => row.route)))
    assert.deepEqual([...served].toSorted(), [...routes].toSorted())
    for (const row of [...data.fees.rows, ...data.channels.channels, ...Object.values(data.policy.parameters)]) {
      assert.ok(row.source.length > 0)
    }
    const tables = new Set(data.fees.rows.map((row) => row.table))
    for (const { feeTable } of data.channels.channels)
      assert.ok(feeTable === null || tables.has(feeTable), feeTable ?? '')
  })

  it('never prices avoided above counted emissions', () => {
    const { lambdaA, lambdaE } = data.policy.parameters
    assert.ok(lambdaA.value <= lambdaE.value)
  })

  it('names the bad field of a broken file', () => {
    assert.throws(() => parseDecisionData({ ...data, fees: { ...data.fees, rows: [] } }), /rows/)
    const twice = { ...data.constraints, constraints: data.constraints.constraints.slice(1) }
    assert.throws(() => parseDecisionData({ ...data, constraints: twice }), /exactly once/)
  })
})
