import type { Execution } from '#contracts/codes.ts'
import { columnsOf } from '#kernel/columns.ts'
import type { Queryable, Statement, Transaction } from '#platform/db/port.ts'
import type { DispositionRow, IdentifierRow, LedgerRow, ParcelRow, ReturnRows, WorkflowRow } from './rows.ts'
import { returnColumns, type ReturnState } from './return-state.ts'

/** States of these units, in any order; absent where there is no such return. */
export async function readStates(db: Queryable, ids: readonly string[]): Promise<ReturnState[]> {
  const rows = await db.query({
    text: `select ${returnColumns.select('r')} from return_items r where r.id = any($1::uuid[])`,
    values: [ids],
  })
  return rows.map(returnColumns.fromRow)
}

/** Locks these rows in id order and tells the version of each. */
export async function lockVersions(tx: Transaction, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.query<{ id: string; version: number }>({
    text: 'select id, version from return_items where id = any($1::uuid[]) order by id for no key update',
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row.version]))
}

function parcelStatements(rows: readonly ParcelRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      name: 'write_parcels',
      text: `insert into parcels (id, client_id, awb, created_at, received_at, received_hub_id)
        select id, client_id, awb, created_at, received_at, received_hub_id from json_populate_recordset(null::parcels, $1::json)
        order by id
        on conflict (id) do update set
          received_at = coalesce(parcels.received_at, excluded.received_at),
          received_hub_id = coalesce(parcels.received_hub_id, excluded.received_hub_id)`,
      values: [JSON.stringify(rows)],
    },
  ]
}

const insertReturns = `insert into return_items (${returnColumns.list})
  select ${returnColumns.list} from json_populate_recordset(null::return_items, $1::json)`

function insertStatements(states: readonly ReturnState[]): Statement[] {
  if (states.length === 0) return []
  return [{ name: 'insert_states', text: insertReturns, values: [returnColumns.toJson(states)] }]
}

const mutable = returnColumns
  .overwrite([
    'id',
    'clientId',
    'clientRef',
    'rmaNumber',
    'lpn',
    'source',
    'orderRef',
    'orderLineRef',
    'requestedAt',
    'createdAt',
  ])
  .replaceAll('excluded.', 'n.')

function updateStatements(states: readonly ReturnState[]): Statement[] {
  if (states.length === 0) return []
  return [
    {
      text: `update return_items r set ${mutable} from json_populate_recordset(null::return_items, $1::json) n where r.id = n.id`,
      values: [returnColumns.toJson(states)],
    },
  ]
}

function workflowStatements(rows: readonly WorkflowRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      name: 'write_workflows',
      text: `insert into processing_workflows (id, return_id, stage, needs_review, stage_entered_at, due_at, updated_at)
        select id, return_id, stage, needs_review, stage_entered_at, due_at, updated_at
        from json_populate_recordset(null::processing_workflows, $1::json)
        on conflict (return_id) do update set stage = excluded.stage, needs_review = excluded.needs_review,
          stage_entered_at = case when processing_workflows.stage = excluded.stage
            then processing_workflows.stage_entered_at else excluded.stage_entered_at end,
          due_at = case when processing_workflows.stage = excluded.stage then processing_workflows.due_at else excluded.due_at end,
          updated_at = excluded.updated_at`,
      values: [JSON.stringify(rows)],
    },
  ]
}

function identifierStatements(rows: readonly IdentifierRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      name: 'write_identifiers',
      text: `insert into identifiers (return_id, kind, value)
        select return_id, kind, value from unnest($1::uuid[], $2::text[], $3::text[]) as n (return_id, kind, value)
        on conflict do nothing`,
      values: [rows.map((r) => r.returnId), rows.map((r) => r.kind), rows.map((r) => r.value)],
    },
  ]
}

export const dispositionColumns = columnsOf<DispositionRow>([
  'id',
  'returnId',
  'isCurrent',
  'disposition',
  'channel',
  'source',
  'reasonCode',
  'recommendationId',
  'execution',
  'blockedReason',
  'currency',
  'expectedValueMinor',
  'realisedValueMinor',
  'certificateRef',
  'externalRef',
  'decidedBy',
  'decidedAt',
  'executedBy',
  'executedAt',
  'version',
  'updatedAt',
])

function retireStatements(returnIds: readonly string[]): Statement[] {
  if (returnIds.length === 0) return []
  return [
    {
      text: 'update dispositions set is_current = false where return_id = any($1::uuid[]) and is_current',
      values: [returnIds],
    },
  ]
}

/** A new decision makes the one before it history. */
function dispositionStatements(rows: readonly DispositionRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    ...retireStatements(rows.map((r) => r.returnId)),
    {
      name: 'insert_dispositions',
      text: `insert into dispositions (${dispositionColumns.list})
        select ${dispositionColumns.list} from json_populate_recordset(null::dispositions, $1::json)`,
      values: [dispositionColumns.toJson(rows)],
    },
  ]
}

export type ExecutionChange = {
  readonly id: string
  readonly execution: Execution
  readonly blockedReason: string | null
  readonly realisedValueMinor: number | null
  readonly certificateRef: string | null
  readonly externalRef: string | null
  readonly executedBy: string
  readonly at: string
  readonly version: number
}

function executionStatements(changes: readonly ExecutionChange[]): Statement[] {
  if (changes.length === 0) return []
  return [
    {
      text: `update dispositions d set execution = n.execution, blocked_reason = n.blocked_reason,
          realised_value_minor = n.realised_value_minor,
          certificate_ref = coalesce(n.certificate_ref, d.certificate_ref), external_ref = coalesce(n.external_ref, d.external_ref),
          executed_by = n.executed_by,
          executed_at = case when n.execution in ('done', 'reversed') then n.executed_at else d.executed_at end,
          version = n.version, updated_at = n.executed_at
        from json_populate_recordset(null::dispositions, $1::json) n where d.id = n.id`,
      values: [
        JSON.stringify(
          changes.map((c) => ({
            id: c.id,
            execution: c.execution,
            blocked_reason: c.blockedReason,
            realised_value_minor: c.realisedValueMinor,
            certificate_ref: c.certificateRef,
            external_ref: c.externalRef,
            executed_by: c.executedBy,
            executed_at: c.at,
            version: c.version,
          })),
        ),
      ],
    },
  ]
}

function ledgerStatements(rows: readonly LedgerRow[]): Statement[] {
  if (rows.length === 0) return []
  return [
    {
      name: 'write_ledger',
      text: `insert into ledger_entries (tx, line, return_id, account, currency, amount_minor, at)
        select tx, line, return_id, account, currency, amount_minor, at from json_populate_recordset(null::ledger_entries, $1::json)`,
      values: [JSON.stringify(rows)],
    },
  ]
}

/** The current disposition of each of these returns; absent where none was decided. */
export async function readCurrentDispositions(
  db: Queryable,
  returnIds: readonly string[],
): Promise<Map<string, DispositionRow>> {
  const rows = await db.query({
    text: `select ${dispositionColumns.select('d')} from dispositions d where d.return_id = any($1::uuid[]) and d.is_current`,
    values: [returnIds],
  })
  return new Map(rows.map((row) => [row.returnId as string, dispositionColumns.fromRow(row)]))
}

/** Which return each of these dispositions belongs to. */
export async function readReturnsOfDispositions(db: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.query<{ id: string; returnId: string }>({
    text: 'select id, return_id as "returnId" from dispositions where id = any($1::uuid[])',
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row.returnId]))
}

/** What writes the rows of this service, in the order that their references ask for. */
export function returnStatements(
  rows: ReturnRows,
  /** Dispositions refer to recommendations, so these come between. */
  between: readonly Statement[],
): Statement[] {
  return [
    ...parcelStatements(rows.parcels),
    ...insertStatements(rows.inserted),
    ...updateStatements(rows.updated),
    ...workflowStatements(rows.workflows),
    ...identifierStatements(rows.identifiers),
    ...between,
    ...retireStatements(rows.undecided),
    ...dispositionStatements(rows.dispositions),
    ...executionStatements(rows.executions),
    ...ledgerStatements(rows.ledger),
  ]
}
