import type { ReasonCluster } from '#contracts/codes.ts'
import type { Actor } from '#context.ts'
import type { Queryable } from '#platform/db/port.ts'

type Asked = {
  readonly returnId?: string | undefined
  readonly clientId?: string | undefined
  readonly sku?: string | undefined
}

/** What is recorded of a unit, by its return or only by its SKU. */
export type KnownUnit = {
  readonly id: string | null
  readonly clientId: string | null
  readonly sku: string | null
  readonly categoryId: string
  readonly currency: string
  readonly priceMinor: number | null
  readonly mrpMinor: number | null
  readonly costMinor: number | null
  readonly brandTier: 'premium' | 'mid' | 'budget' | 'unbranded' | null
  readonly weightGrams: number | null
  readonly volumeMl: number | null
  readonly launchedOn: string | null
  readonly orderedAt: Date | null
  readonly reasonCode: string | null
  readonly reasonCluster: ReasonCluster | null
  readonly returnType: 'customer_return' | 'rto' | null
  readonly isOpened: boolean | null
  readonly saleChannel: string | null
  readonly pickupPincode: string | null
  readonly isRecalled: boolean | null
  readonly isHazmat: boolean | null
  readonly hasBattery: boolean | null
  readonly isDataBearing: boolean | null
  readonly hasBrandRestriction: boolean | null
  readonly isVendorReturnable: boolean | null
  readonly acceptance: string | null
  readonly grade: 'S' | 'A' | 'B' | 'C' | 'D' | 'E' | 'Q' | null
  readonly findings: string[] | null
  readonly repairMinor: number | null
  readonly isRepairable: boolean | null
  readonly completeness: number | null
  readonly hubDistanceKm: number | null
}

/** One answer a request, in order; null where nothing is recorded or the actor may not see it. */
export async function readKnownUnits(
  db: Queryable,
  actor: Actor,
  asked: readonly Asked[],
): Promise<(KnownUnit | null)[]> {
  if (!asked.some((a) => a.returnId !== undefined || a.sku !== undefined)) return asked.map(() => null)
  const ownClient = actor.clientIds?.length === 1 ? actor.clientIds[0] : undefined
  const rows = await db.query<KnownUnit & { n: number }>(
    `select q.n::integer as n, r.id, coalesce(r.client_id, p.client_id) as "clientId", coalesce(r.sku, p.sku) as sku,
       coalesce(r.category_id, p.category_id) as "categoryId", coalesce(r.currency, p.currency) as currency,
       coalesce(r.price_minor, p.price_minor) as "priceMinor", coalesce(r.mrp_minor, p.mrp_minor) as "mrpMinor",
       p.cost_minor as "costMinor", p.brand_tier as "brandTier", p.weight_grams as "weightGrams", p.volume_ml as "volumeMl",
       p.launched_on as "launchedOn", r.ordered_at as "orderedAt", r.reason_code as "reasonCode",
       r.reason_cluster as "reasonCluster", r.return_type as "returnType",
       r.is_opened as "isOpened", r.sale_channel as "saleChannel", r.pickup_pincode as "pickupPincode",
       p.is_recalled as "isRecalled", p.is_hazmat as "isHazmat", p.has_battery as "hasBattery",
       p.is_data_bearing as "isDataBearing", p.has_brand_restriction as "hasBrandRestriction",
       p.is_vendor_returnable as "isVendorReturnable", r.acceptance, r.grade, c.findings, c.repair_minor as "repairMinor",
       c.is_repairable as "isRepairable", c.completeness, r.hub_distance_km as "hubDistanceKm"
     from unnest($1::uuid[], $2::uuid[], $3::text[]) with ordinality as q (return_id, client_id, sku, n)
     left join return_items r on r.id = q.return_id
       and ($4::uuid[] is null or r.client_id = any($4)) and ($5::uuid[] is null or r.hub_id is null or r.hub_id = any($5))
     left join products p on p.id = r.product_id or (q.return_id is null and p.client_id = q.client_id and p.sku = q.sku
       and ($4::uuid[] is null or p.client_id = any($4)))
     left join quality_checks c on c.id = r.quality_check_id
     where r.id is not null or p.id is not null`,
    [
      asked.map((a) => a.returnId ?? null),
      asked.map((a) => a.clientId ?? ownClient ?? null),
      asked.map((a) => a.sku ?? null),
      actor.clientIds,
      actor.hubIds,
    ],
  )
  const byPlace = new Map(rows.map((row) => [row.n, row]))
  return asked.map((_, i) => byPlace.get(i + 1) ?? null)
}
