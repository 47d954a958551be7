import type { ProductInput } from '#contracts/products.ts'
import type { Context } from '#context.ts'

/** Where nothing is known of a product but that there is one. */
export const unknownCategory = 'other.general.general'

/** A product with the category that its title tells, for one that nobody told. */
export type ProductToRecord = ProductInput & { readonly titleCategoryId: string | null }

/** Reads the titles of products that come without a category, by one call, before any transaction. */
export async function inferCategories(
  ctx: Pick<Context, 'text'>,
  inputs: readonly ProductInput[],
): Promise<ProductToRecord[]> {
  const untold = inputs.filter((input) => input.categoryId === undefined)
  const read = untold.length === 0 ? [] : await ctx.text.categoryOf(untold.map(({ title }) => title))
  if (read.length !== untold.length) throw new Error(`${untold.length} titles, ${read.length} answers`)
  let next = 0
  return inputs.map((input) => {
    const found = input.categoryId === undefined ? read[next++] : null
    return { ...input, titleCategoryId: found?.categoryId ?? null }
  })
}
