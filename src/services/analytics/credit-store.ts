import type { EsgCredit } from '#contracts/esg.ts'
import type { Statement } from '#platform/db/port.ts'

export type CreditRow = {
  readonly id: string
  readonly dispositionId: string
  readonly returnId: string
  readonly clientId: string
  readonly hubId: string | null
  readonly categoryId: string
  readonly at: string
  readonly credit: EsgCredit
}

/** One credit each executed disposition; the figures that totals need stand in columns, the rest in `body`. */
export function creditStatements(rows: readonly CreditRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      name: 'write_credits',
      text: `insert into esg_metrics (id, disposition_id, return_id, client_id, hub_id, disposition, category_id, mass_grams,
          diverted_grams, inventory_grams, inventory_low_grams, inventory_high_grams, avoided_grams, avoided_low_grams,
          avoided_high_grams, waste_stream, method_version, body, credited_at)
        select id, disposition_id, return_id, client_id, hub_id, disposition, category_id, mass_grams, diverted_grams,
          inventory_grams, inventory_low_grams, inventory_high_grams, avoided_grams, avoided_low_grams, avoided_high_grams,
          waste_stream, method_version, body, credited_at
        from json_populate_recordset(null::esg_metrics, $1::json)`,
      values: [
        JSON.stringify(
          rows.map((row) => ({
            id: row.id,
            disposition_id: row.dispositionId,
            return_id: row.returnId,
            client_id: row.clientId,
            hub_id: row.hubId,
            disposition: row.credit.disposition,
            category_id: row.categoryId,
            mass_grams: row.credit.massGrams,
            diverted_grams: row.credit.divertedGrams,
            inventory_grams: row.credit.inventory?.grams ?? null,
            inventory_low_grams: row.credit.inventory?.p05 ?? null,
            inventory_high_grams: row.credit.inventory?.p95 ?? null,
            avoided_grams: row.credit.avoided?.grams ?? null,
            avoided_low_grams: row.credit.avoided?.p05 ?? null,
            avoided_high_grams: row.credit.avoided?.p95 ?? null,
            waste_stream: row.credit.wasteStream,
            method_version: row.credit.methodVersion,
            body: row.credit,
            credited_at: row.at,
          })),
        ),
      ],
    },
  ]
}
