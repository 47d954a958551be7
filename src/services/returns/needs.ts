import type { Category } from '#contracts/reference.ts'
import type { ProductFacts } from '#contracts/intake.ts'
import type { Context } from '#context.ts'
import { readProductFacts } from './facts-store.ts'
import type { ReturnState } from './return-state.ts'

/** The heaviest unit that an ordinary bench takes. */
const largeItemKg = 25

/** What a hub must be able to do to take the unit. */
export function hubNeeds(
  category: Category,
  facts: Pick<ProductFacts, 'hasBattery' | 'isHazmat' | 'weightKg'>,
): string[] {
  const needs: string[] = []
  if (facts.hasBattery ?? category.hasBattery) needs.push('battery')
  if (facts.isHazmat) needs.push('hazmat')
  if ((facts.weightKg ?? category.weightKg) > largeItemKg) needs.push('large_items')
  if (category.isPerishable) needs.push('food')
  return needs
}

export const noProductFacts: ProductFacts = {
  brandTier: 'mid',
  weightKg: null,
  volumeLitres: null,
  launchedAtMs: null,
  isRecalled: false,
  isHazmat: false,
  hasBattery: null,
  isDataBearing: null,
  hasBrandRestriction: false,
  isVendorReturnable: false,
}

export type UnitNeeds = {
  readonly clientId: string
  readonly pickupPincode: string | null
  readonly priceMinor: number | null
  readonly needs: readonly string[]
  readonly weightKg: number
  readonly volumeLitres: number
  readonly category: Category
  readonly product: ProductFacts & { readonly costMinor: number | null }
}

/** What recorded units ask of a hub and what the catalogue says of them, in order. */
export async function needsOfReturns(
  ctx: Pick<Context, 'db' | 'reference'>,
  states: readonly ReturnState[],
): Promise<UnitNeeds[]> {
  const facts = await readProductFacts(
    ctx.db,
    states.flatMap((state) => state.productId ?? []),
  )
  return states.map((state) => {
    const category = ctx.reference.categories.get(state.categoryId)
    if (category === undefined) throw new Error(`category ${state.categoryId} of ${state.lpn} left the reference data`)
    const product = (state.productId === null ? undefined : facts.get(state.productId)) ?? {
      ...noProductFacts,
      costMinor: null,
    }
    return {
      clientId: state.clientId,
      pickupPincode: state.pickupPincode,
      priceMinor: state.priceMinor,
      needs: hubNeeds(category, product),
      weightKg: product.weightKg ?? category.weightKg,
      volumeLitres: product.volumeLitres ?? category.volumeLitres,
      category,
      product,
    }
  })
}
