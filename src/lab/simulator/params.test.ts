import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { known, laboratory, shipped, shippedJson } from '../../../test/support/simulated-world.ts'
import { parseParams, rowOf } from './params.ts'

function faultsOf(change: (json: ReturnType<typeof shippedJson>) => void): string[] {
  const json = shippedJson()
  change(json)
  try {
    parseParams(json, known)
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === 'invalid')
    return error.errors.map(({ pointer }) => pointer)
  }
  return []
}

describe('parameters of the simulator', () => {
  it('what ships is right, and every number says where it comes from', () => {
    assert.equal(Object.keys(shipped.parameters.categories.value).length, 12)
    for (const [name, { status, source }] of Object.entries(shipped.parameters)) {
      assert.ok(status !== 'P' || /assumption|decision model|2026/.test(source), `${name}: ${source}`)
      assert.ok(status === 'P' || source !== 'assumption', name)
    }
  })

  it('bad ones are named, all at once', () => {
    const faults = faultsOf(({ parameters }) => {
      parameters['rto']!.value = { '': 1.5 }
      parameters['tierShares']!.value = [0.5, 0.5]
      delete parameters['recalled']
      parameters['surprise'] = { value: 1 }
    })
    for (const name of ['rto', 'tierShares', 'recalled']) {
      assert.ok(
        faults.some((pointer) => pointer.startsWith(`/parameters/${name}`)),
        `${name}: ${faults.join(' ')}`,
      )
    }
    assert.ok(faults.includes('/parameters'), 'the unknown parameter')
  })

  it('a category that nobody knows, and one without its rows, are named', () => {
    const faults = faultsOf(({ parameters }) => {
      parameters['categories']!.value = { 'never.seen.before': 1 }
      parameters['rto']!.value = { 'electronics.': 0.1 }
    })
    assert.ok(faults.includes('/parameters/categories') && faults.includes('/parameters/rto'), faults.join(' '))
  })

  it('the longest prefix wins', () => {
    assert.equal(rowOf({ '': 1, 'a.': 2, 'a.b': 3 }, 'a.b.c'), 3)
    assert.equal(rowOf({ '': 1, 'a.': 2, 'a.b': 3 }, 'a.c.c'), 2)
    assert.throws(() => rowOf({ 'a.': 2 }, 'b.c.d'), /no row/)
  })

  it('findings are codes of the rubric that grades the category', () => {
    const { findings } = shipped.parameters
    for (const [id, { wear, fault }] of Object.entries(findings.value)) {
      const codes = new Set(laboratory.ground.rubrics.get(id)?.findings.map(({ code }) => code))
      for (const { code } of [...wear, ...fault]) assert.ok(codes.has(code), `${id}: ${code}`)
    }
  })
})
