import type { ReportRequest } from '#contracts/analytics.ts'

/**
 * Rows of each kind of report: columns without personal data (no person, address, PIN code or note), the time that
 * places a row in the period, and the SQL behind each filter. Rows come oldest first.
 */
export type ReportKind = {
  readonly columns: readonly (readonly [name: string, sql: string])[]
  readonly from: string
  readonly timeSql: string
  readonly orderSql: string
  readonly clientSql: string
  readonly hubSql: string
  readonly filters: Readonly<Record<string, string>>
}

const unitFilters = {
  clientId: 'r.client_id::text', hubId: 'r.hub_id::text', categoryId: 'r.category_id', saleChannel: 'r.sale_channel', stage: 'r.stage', disposition: 'r.disposition',
} as const
const unit: readonly (readonly [string, string])[] = [
  ['returnId', 'r.id'], ['rmaNumber', 'r.rma_number'], ['lpn', 'r.lpn'], ['clientId', 'r.client_id'], ['clientRef', 'r.client_ref'], ['hubCode', 'h.code'],
  ['sku', 'r.sku'], ['categoryId', 'r.category_id'],
]
const unitScope = { clientSql: 'r.client_id', hubSql: 'r.hub_id' } as const

export const reportKindTable: Readonly<Record<ReportRequest['kind'], ReportKind>> = {
  returns: {
    columns: [
      ...unit,
      ['title', 'r.title'], ['orderRef', 'r.order_ref'], ['saleChannel', 'r.sale_channel'], ['returnType', 'r.return_type'], ['reasonCode', 'r.reason_code'],
      ['stage', 'r.stage'], ['custody', 'r.custody'], ['acceptance', 'r.acceptance'], ['needsReview', 'r.needs_review'], ['reviewReasons', `array_to_string(r.review_reasons, ' ')`],
      ['grade', 'r.grade'], ['recommendedDisposition', 'r.recommended_disposition'], ['recommendedChannel', 'r.recommended_channel'],
      ['recommendedConfidence', 'r.recommended_confidence'], ['disposition', 'r.disposition'], ['dispositionChannel', 'r.disposition_channel'],
      ['currency', 'r.currency'], ['priceMinor', 'r.price_minor'], ['recommendedValueMinor', 'r.recommended_value_minor'], ['expectedValueMinor', 'r.expected_value_minor'],
      ['realisedValueMinor', 'r.realised_value_minor'], ['refundMinor', 'r.refund_minor'], ['moneyState', 'r.money_state'],
      ['createdAt', 'r.created_at'], ['receivedAt', 'r.received_at'], ['checkedAt', 'r.checked_at'], ['decidedAt', 'r.decided_at'], ['completedAt', 'r.completed_at'],
    ],
    from: 'return_items r left join hubs h on h.id = r.hub_id',
    timeSql: 'r.created_at',
    orderSql: 'r.created_at, r.id',
    ...unitScope,
    filters: unitFilters,
  },
  dispositions: {
    columns: [
      ['dispositionId', 'd.id'], ...unit,
      ['grade', 'r.grade'], ['disposition', 'd.disposition'], ['channel', 'd.channel'], ['source', 'd.source'], ['reasonCode', 'd.reason_code'], ['isCurrent', 'd.is_current'],
      ['execution', 'd.execution'], ['blockedReason', 'd.blocked_reason'], ['currency', 'd.currency'], ['expectedValueMinor', 'd.expected_value_minor'],
      ['realisedValueMinor', 'd.realised_value_minor'], ['certificateRef', 'd.certificate_ref'], ['externalRef', 'd.external_ref'], ['decidedAt', 'd.decided_at'], ['executedAt', 'd.executed_at'],
    ],
    from: 'dispositions d join return_items r on r.id = d.return_id left join hubs h on h.id = r.hub_id',
    timeSql: 'd.decided_at',
    orderSql: 'd.decided_at, d.id',
    ...unitScope,
    filters: { ...unitFilters, disposition: 'd.disposition' },
  },
  esg: {
    columns: [
      ['creditId', 'm.id'], ['dispositionId', 'm.disposition_id'], ...unit,
      ['disposition', 'm.disposition'], ['isReversed', `d.execution = 'reversed'`], ['wasteStream', 'm.waste_stream'], ['fate', `m.body ->> 'fate'`],
      ['massGrams', 'm.mass_grams'], ['massSource', `m.body ->> 'massSource'`], ['divertedGrams', 'm.diverted_grams'],
      ['inventoryGrams', 'm.inventory_grams'], ['inventoryLowGrams', 'm.inventory_low_grams'], ['inventoryHighGrams', 'm.inventory_high_grams'],
      ['transportGrams', `(m.body #>> '{transport,grams}')::bigint`], ['hubGrams', `(m.body #>> '{hub,grams}')::bigint`], ['treatmentGrams', `(m.body #>> '{treatment,grams}')::bigint`],
      ['avoidedGrams', 'm.avoided_grams'], ['avoidedLowGrams', 'm.avoided_low_grams'], ['avoidedHighGrams', 'm.avoided_high_grams'],
      ['gaps', `jsonb_array_length(m.body -> 'gaps')`], ['methodVersion', 'm.method_version'], ['factorsVersion', `m.body ->> 'factorsVersion'`], ['creditedAt', 'm.credited_at'],
    ],
    from: 'esg_metrics m join dispositions d on d.id = m.disposition_id join return_items r on r.id = m.return_id left join hubs h on h.id = m.hub_id',
    timeSql: 'm.credited_at',
    orderSql: 'm.credited_at, m.id',
    clientSql: 'm.client_id',
    hubSql: 'm.hub_id',
    filters: { ...unitFilters, hubId: 'm.hub_id::text', disposition: 'm.disposition' },
  },
  ledger: {
    columns: [
      ['tx', 'l.tx'], ['line', 'l.line'], ...unit, ['account', 'l.account'], ['currency', 'l.currency'], ['amountMinor', 'l.amount_minor'], ['at', 'l.at'],
    ],
    from: 'ledger_entries l join return_items r on r.id = l.return_id left join hubs h on h.id = r.hub_id',
    timeSql: 'l.at',
    orderSql: 'l.at, l.tx, l.line',
    ...unitScope,
    filters: unitFilters,
  },
  // Units and not `kpi_daily`: any filters go together. A row is a day of one client, hub, category and channel.
  kpis: {
    columns: [
      ['day', `to_char(x.day, 'YYYY-MM-DD')`], ['clientId', 'x.client_id'], ['hubCode', 'h.code'], ['categoryId', 'x.category_id'], ['saleChannel', 'x.sale_channel'], ['currency', 'x.currency'],
      ['submitted', 'x.submitted'], ['reviewed', 'x.reviewed'], ['received', 'x.received'], ['checked', 'x.checked'], ['decided', 'x.decided'], ['accepted', 'x.accepted'], ['overridden', 'x.overridden'],
      ['completed', 'x.completed'], ['cancelled', 'x.cancelled'], ['rejected', 'x.rejected'], ['recoveredMinor', 'x.recovered_minor'], ['pricedRecoveredMinor', 'x.rated_minor'], ['priceMinor', 'x.price_minor'],
      ['cycleSeconds', 'x.cycle_seconds'], ['massGrams', 'x.mass_grams'], ['divertedGrams', 'x.diverted_grams'], ['refunds', 'x.refunds'], ['refundMinor', 'x.refund_minor'],
    ],
    from: `(select f.day, u.client_id, u.hub_id, u.category_id, u.sale_channel, u.currency, sum(f.submitted)::bigint as submitted, sum(f.reviewed)::bigint as reviewed,
        sum(f.received)::bigint as received, sum(f.checked)::bigint as checked, sum(f.decided)::bigint as decided, sum(f.accepted)::bigint as accepted,
        sum(f.overridden)::bigint as overridden, sum(f.completed)::bigint as completed, sum(f.cancelled)::bigint as cancelled, sum(f.rejected)::bigint as rejected,
        sum(f.recovered_minor)::bigint as recovered_minor, sum(f.rated_minor)::bigint as rated_minor, sum(f.price_minor)::bigint as price_minor,
        sum(f.cycle_seconds)::bigint as cycle_seconds, sum(f.mass_grams)::bigint as mass_grams, sum(f.diverted_grams)::bigint as diverted_grams,
        sum(f.refunds)::bigint as refunds, sum(f.refund_minor)::bigint as refund_minor
      from kpi_units u cross join lateral kpi_facts(u) f group by 1, 2, 3, 4, 5, 6) x left join hubs h on h.id = x.hub_id`,
    timeSql: `(x.day::timestamp at time zone 'Asia/Kolkata')`,
    orderSql: 'x.day, x.client_id, h.code, x.category_id, x.sale_channel, x.currency',
    clientSql: 'x.client_id',
    hubSql: 'x.hub_id',
    filters: { clientId: 'x.client_id::text', hubId: 'x.hub_id::text', categoryId: 'x.category_id', saleChannel: 'x.sale_channel' },
  },
}
