import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { inferCategory } from './infer-category.ts'

const file = join(import.meta.dirname, '..', '..', '..', '..', 'data', 'categories.json')

test('titles tell their category; narrow words count before wide ones', () => {
  for (const [title, categoryId] of [
    ['Wireless Headphones, black', 'electronics.audio.headphone'],
    ['Silicone case for mobile phone', 'electronics.accessory.cable_charger'],
    ['Smart Watch with heart rate', 'electronics.wearable.smartwatch'],
    ['COTTON KURTA BLUE', 'fashion.apparel.ethnic'],
    ['Running shoes size 9', 'fashion.footwear.shoes'],
    ['Darjeeling tea 500 g', 'grocery.food.packaged'],
    ['Carnation', 'other.general.general'],
    ['', 'other.general.general'],
  ] as const) {
    assert.equal(inferCategory(title), categoryId, title)
  }
})

test('whatever the title, the category is one of ours', () => {
  const source = readFileSync(join(import.meta.dirname, 'infer-category.ts'), 'utf8')
  const named = [...source.matchAll(/'([a-z]+\.[a-z]+\.[a-z_]+)'/g)].map((match) => match[1]!)
  const known = new Set(
    readFileSync(file, 'utf8')
      .match(/"[a-z]+\.[a-z]+\.[a-z_]+"/g)
      ?.map((id) => id.slice(1, -1)),
  )
  assert.ok(named.length > 30)
  assert.deepEqual(
    named.filter((id) => !known.has(id)),
    [],
  )
  fc.assert(fc.property(fc.string(), (title) => known.has(inferCategory(title))))
})
