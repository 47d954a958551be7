import type { ProductFacts } from '#contracts/intake.ts'
import type { Database, Queryable } from '#platform/db/port.ts'

export type FactsRequest = {
  readonly clientId: string
  readonly clientRef: string
  readonly sku: string | null
  readonly orderLineRef: string | null
  readonly serialNumber: string | null
}

/** What the database knows about one requested unit. */
export type Facts = {
  readonly clientIsActive: boolean | null
  readonly clientCurrency: string | null
  readonly clientWindowDays: number | null
  readonly clientReviewAboveMinor: number | null
  readonly knownId: string | null
  readonly productId: string | null
  readonly productTitle: string | null
  readonly productCategoryId: string | null
  readonly productIsCategoryInferred: boolean | null
  readonly productCurrency: string | null
  readonly productPriceMinor: number | null
  readonly productMrpMinor: number | null
  readonly productCostMinor: number | null
  readonly productWeightGrams: number | null
  readonly productVolumeMl: number | null
  readonly productLaunchedOn: string | null
  readonly productBrandTier: 'premium' | 'mid' | 'budget' | 'unbranded' | null
  readonly productIsRecalled: boolean | null
  readonly productIsHazmat: boolean | null
  readonly productHasBattery: boolean | null
  readonly productIsDataBearing: boolean | null
  readonly productHasBrandRestriction: boolean | null
  readonly productIsVendorReturnable: boolean | null
  readonly productIsReturnable: boolean | null
  readonly productWindowDays: number | null
  readonly lineOrderRef: string | null
  readonly lineQuantity: number | null
  readonly linePaidMinor: number | null
  readonly lineCurrency: string | null
  readonly lineOrderedAt: Date | null
  readonly lineDeliveredAt: Date | null
  readonly linePincode: string | null
  readonly lineCategoryId: string | null
  readonly lineSaleChannel: string | null
  readonly unitsReturnedBefore: number
  readonly isSerialReturnedBefore: boolean
}

const text = `
  select
    c.is_active as "clientIsActive", c.currency as "clientCurrency", c.return_window_days as "clientWindowDays",
    c.review_above_minor as "clientReviewAboveMinor",
    k.id as "knownId",
    p.id as "productId", p.title as "productTitle", p.category_id as "productCategoryId",
    p.is_category_inferred as "productIsCategoryInferred", p.currency as "productCurrency",
    p.price_minor as "productPriceMinor", p.mrp_minor as "productMrpMinor", p.cost_minor as "productCostMinor",
    p.weight_grams as "productWeightGrams", p.volume_ml as "productVolumeMl", p.launched_on as "productLaunchedOn",
    p.brand_tier as "productBrandTier", p.is_recalled as "productIsRecalled", p.is_hazmat as "productIsHazmat",
    p.has_battery as "productHasBattery", p.is_data_bearing as "productIsDataBearing",
    p.has_brand_restriction as "productHasBrandRestriction", p.is_vendor_returnable as "productIsVendorReturnable",
    p.is_returnable as "productIsReturnable", p.return_window_days as "productWindowDays",
    l.order_ref as "lineOrderRef", l.quantity as "lineQuantity", l.paid_minor as "linePaidMinor", l.currency as "lineCurrency",
    l.ordered_at as "lineOrderedAt", l.delivered_at as "lineDeliveredAt", l.ship_pincode as "linePincode",
    l.category_id as "lineCategoryId", l.sale_channel as "lineSaleChannel",
    case when q.line_ref is null then 0 else (
      select count(*) from return_items b
      where b.client_id = q.client_id and b.order_line_ref = q.line_ref and b.client_ref <> q.client_ref
        and b.stage not in ('cancelled', 'rejected')
    ) end as "unitsReturnedBefore",
    q.serial is not null and exists (
      select from identifiers i join return_items s on s.id = i.return_id
      where i.kind = 'serial' and i.value = q.serial and s.client_id = q.client_id and s.client_ref <> q.client_ref
        and s.stage not in ('cancelled', 'rejected', 'completed')
    ) as "isSerialReturnedBefore"
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
    as q (client_id, client_ref, sku, line_ref, serial, n)
  left join clients c on c.id = q.client_id
  left join return_items k on k.client_id = q.client_id and k.client_ref = q.client_ref
  left join products p on p.client_id = q.client_id and p.sku = q.sku
  left join order_lines l on l.client_id = q.client_id and l.line_ref = q.line_ref
  order by q.n`

/** One answer a request, in order, by one statement. */
export async function readFacts(db: Database, requests: readonly FactsRequest[]): Promise<Facts[]> {
  return db.lookup<Facts>({
    name: 'return_facts',
    text,
    values: [
      requests.map((r) => r.clientId),
      requests.map((r) => r.clientRef),
      requests.map((r) => r.sku),
      requests.map((r) => r.orderLineRef),
      requests.map((r) => r.serialNumber),
    ],
  })
}

type ProductFactsRow = {
  readonly id: string
  readonly brandTier: ProductFacts['brandTier']
  readonly weightGrams: number | null
  readonly volumeMl: number | null
  readonly launchedOn: string | null
  readonly costMinor: number | null
  readonly isRecalled: boolean
  readonly isHazmat: boolean
  readonly hasBattery: boolean | null
  readonly isDataBearing: boolean | null
  readonly hasBrandRestriction: boolean
  readonly isVendorReturnable: boolean
}

/** What the catalogue says of these products, by id. */
export async function readProductFacts(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, ProductFacts & { readonly costMinor: number | null }>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<ProductFactsRow>({
    text: `select id, brand_tier as "brandTier", weight_grams as "weightGrams", volume_ml as "volumeMl", launched_on as "launchedOn",
        cost_minor as "costMinor", is_recalled as "isRecalled", is_hazmat as "isHazmat", has_battery as "hasBattery",
        is_data_bearing as "isDataBearing", has_brand_restriction as "hasBrandRestriction",
        is_vendor_returnable as "isVendorReturnable"
      from products where id = any($1::uuid[])`,
    values: [ids],
  })
  return new Map(
    rows.map(({ id, weightGrams, volumeMl, launchedOn, ...rest }) => [
      id,
      {
        ...rest,
        weightKg: weightGrams === null ? null : weightGrams / 1000,
        volumeLitres: volumeMl === null ? null : volumeMl / 1000,
        launchedAtMs: launchedOn === null ? null : Date.parse(launchedOn),
      },
    ]),
  )
}
