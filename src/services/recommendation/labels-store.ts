import { columnsOf } from '#kernel/columns.ts'
import type { Queryable, Statement } from '#platform/db/port.ts'
import type { LabelRow } from './labels.ts'

const columns = columnsOf<LabelRow>([
  'returnId',
  'version',
  'recommendationId',
  'kind',
  'disposition',
  'channel',
  'reasonCode',
  'currency',
  'netValueMinor',
  'soldPriceMinor',
  'soldAt',
  'daysToCash',
  'repairNeeded',
  'repairCostMinor',
  'repairSucceeded',
  'rereturned',
  'liquidationMinor',
  'abuse',
  'appraisals',
  'byId',
  'at',
])

export function labelStatements(rows: readonly LabelRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      name: 'insert_labels',
      text: `insert into labels (${columns.list})
        select ${columns.list} from json_populate_recordset(null::labels, $1::json)`,
      values: [columns.toJson(rows)],
    },
  ]
}

/** The labels of these returns, oldest first. */
export async function readLabels(db: Queryable, returnIds: readonly string[]): Promise<Map<string, LabelRow[]>> {
  if (returnIds.length === 0) return new Map()
  const rows = await db.query(
    `select ${columns.select('l')} from labels l where l.return_id = any($1::uuid[]) order by l.return_id, l.version`,
    [returnIds],
  )
  const byReturn = new Map<string, LabelRow[]>()
  for (const row of rows) {
    const label = columns.fromRow(row)
    byReturn.set(label.returnId, [...(byReturn.get(label.returnId) ?? []), label])
  }
  return byReturn
}
