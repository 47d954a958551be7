import type { ReturnReceipt, ValidationFinding } from '#contracts/returns.ts'
import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { Queryable } from '#platform/db/port.ts'

type ReceiptRow = Omit<ReturnReceipt, 'validation' | 'recommendation' | 'hub' | 'repeated'> & {
  readonly findings: ValidationFinding[]
  readonly recommendationId: string | null
  readonly body: PackedRecommendation | null
  readonly hubId: string | null
  readonly hubCode: string | null
  readonly hubDistanceKm: number | null
}

/** The receipts of units that were recorded before, as they stand now. */
export async function readKnownReceipts(db: Queryable, ids: readonly string[]): Promise<Map<string, ReturnReceipt>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<ReceiptRow>({
    text: `select r.id, r.client_ref as "clientRef", r.rma_number as "rmaNumber", r.lpn, r.stage, r.acceptance,
        r.needs_review as "needsReview", r.review_reasons as "reviewReasons", r.version,
        v.data -> 'findings' as findings, r.recommendation_id as "recommendationId", e.data -> 'body' as body,
        r.hub_id as "hubId", h.code as "hubCode", r.hub_distance_km as "hubDistanceKm"
      from return_items r
      left join hubs h on h.id = r.hub_id
      left join events v on v.stream = 'return-' || r.id and v.version = 2
      left join ai_recommendations a on a.id = r.recommendation_id
      left join events e on e.stream = 'return-' || r.id and e.version = a.version
      where r.id = any($1::uuid[])`,
    values: [ids],
  })
  return new Map(
    rows.map((row) => {
      const { findings, recommendationId, body, hubId, hubCode, hubDistanceKm, ...rest } = row
      const receipt: ReturnReceipt = {
        ...rest,
        validation: findings,
        recommendation:
          body === null || recommendationId === null
            ? null
            : {
                id: recommendationId,
                disposition: body.disposition,
                channel: body.channel,
                value: body.value,
                currency: body.currency,
                confidence: body.confidence,
                level: body.level,
                modelVersion: body.modelVersion,
              },
        hub: hubId === null || hubCode === null ? null : { id: hubId, code: hubCode, distanceKm: hubDistanceKm },
        repeated: true,
      }
      return [row.id, receipt]
    }),
  )
}
