import { join } from 'node:path'
import { readReference } from '#app/reference.ts'
import type { EsgInput } from '#services/analytics/esg.ts'

/** The factors and the method that ship: hand-worked cases are worked with these. */
export const { factors, method } = (await readReference(join(import.meta.dirname, '../../data'))).esg

export const phone = {
  productFactorId: 'product.smartphone.manufacture',
  materialFactorId: null,
  wasteStream: 'e_waste',
} as const
export const laptop = {
  productFactorId: 'product.laptop.manufacture',
  materialFactorId: null,
  wasteStream: 'e_waste',
} as const
export const shirt = {
  productFactorId: null,
  materialFactorId: 'gb.2025.material.clothing.primary',
  wasteStream: 'textile',
} as const
export const pan = {
  productFactorId: null,
  materialFactorId: 'gb.2025.material.metal.steel.primary',
  wasteStream: 'metal',
} as const
export const shoes = { productFactorId: null, materialFactorId: null, wasteStream: 'other' } as const

/** A weighed shirt, back in stock after 40 km by van, but for the changes. */
export function unit(changes: Partial<EsgInput>): EsgInput {
  return {
    dispositionId: '01920000-0000-7000-8000-000000000001',
    disposition: 'restock',
    execution: 'done',
    category: shirt,
    massKg: 0.3,
    massSource: 'measured',
    legs: [{ km: 40, mode: 'van' }],
    grade: null,
    isOwned: true,
    ...changes,
  }
}
