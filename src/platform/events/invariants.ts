import type { Database } from '../db/port.ts'

/** Statements that answer no row on good data (reliability invariants); each row is one violation. */
const invariants: readonly { readonly id: string; readonly says: string; readonly sql: string }[] = [
  {
    id: 'I01',
    says: 'one workflow per return',
    sql: 'select r.id::text as what from return_items r left join processing_workflows w on w.return_id = r.id group by r.id having count(w.id) <> 1',
  },
  {
    id: 'I02',
    says: "a hub's used places are its open units, never above its limit",
    sql: `select h.hub_id::text as what from hub_capacity h left join return_items r on r.hub_id = h.hub_id
      and r.stage not in ('cancelled', 'completed', 'rejected')
      group by h.hub_id having h.used_capacity <> count(r.id) or h.used_capacity > h.capacity`,
  },
  {
    id: 'I03',
    says: 'versions of a stream are 1..n',
    sql: 'select stream as what from (select stream, version, row_number() over (partition by stream order by version) rn from events) x where version <> rn',
  },
  {
    id: 'I04',
    says: 'the log has no gap and log_head is its end',
    sql: "select 'log' as what from events having coalesce(max(seq), 0) <> count(*) or coalesce(max(seq), 0) <> (select seq from log_head)",
  },
  {
    id: 'I05',
    says: 'the hash chain holds',
    sql: `select seq::text as what from (select *, lag(hash, 1, decode(repeat('00', 32), 'hex')) over (order by seq) ph from events) e
      where prev_hash <> ph or hash not in (
        sha256(prev_hash || convert_to(seq || '|' || stream || '|' || version || '|' || type || '|' || (extract(epoch from at) * 1000000)::bigint || '|' || data::text, 'UTF8')),
        sha256(prev_hash || convert_to(seq || '|' || stream || '|' || version || '|' || type || '|' || data::text, 'UTF8')))`,
  },
  {
    id: 'I06',
    says: 'log_head carries the last hash',
    sql: "select 'log_head' as what from log_head h where h.hash <> coalesce((select hash from events order by seq desc limit 1), decode(repeat('00', 32), 'hex'))",
  },
  {
    id: 'I07',
    says: 'every ledger transaction balances',
    sql: 'select tx::text as what from ledger_entries group by tx, currency having sum(amount_minor) <> 0',
  },
  {
    id: 'I08',
    says: 'refunds owed in the ledger are the refunds on the returns',
    sql: `select r.id::text as what from return_items r left join (select return_id, sum(-amount_minor) owed from ledger_entries
      where account = 'refunds_payable' group by 1) l on l.return_id = r.id where coalesce(l.owed, 0) <> r.refund_minor`,
  },
  {
    id: 'I09',
    says: 'each executed disposition has exactly one ESG credit',
    sql: `select coalesce(d.id, m.disposition_id)::text as what from (select id from dispositions where execution in ('done', 'reversed')) d
      full join esg_metrics m on m.disposition_id = d.id where d.id is null or m.id is null`,
  },
  {
    id: 'I10',
    says: 'return, workflow and current disposition agree',
    sql: `select r.id::text as what from return_items r join processing_workflows w on w.return_id = r.id
      left join dispositions d on d.return_id = r.id and d.is_current
      where r.stage <> w.stage or (w.stage in ('disposition', 'completed')) <> (d.id is not null)
        or (w.stage = 'completed') <> (d.execution is not distinct from 'done') or r.disposition_id is distinct from d.id`,
  },
  {
    id: 'I11',
    says: 'the version of a read model is that of its stream',
    sql: "select r.id::text as what from return_items r left join events e on e.stream = 'return-' || r.id group by r.id, r.version having r.version <> coalesce(max(e.version), 0)",
  },
  {
    id: 'I12',
    says: 'no message waits for ever',
    sql: 'select id::text as what from outbox where sent_at is null and attempts >= 20',
  },
  {
    id: 'I13',
    says: 'one effect per idempotency key',
    sql: "select resource_id as what from idempotency_keys where state = 'done' and creates group by resource_id, fingerprint having count(*) > 1",
  },
  {
    id: 'I14',
    says: 'one live refresh token per family',
    sql: 'select family::text as what from refresh_tokens where used_at is null and revoked_at is null and expires_at > now() group by family having count(*) > 1',
  },
  {
    id: 'I15',
    says: 'the order of the log respects the order of each stream',
    sql: `select seq::text as what from (select seq, version, max(version) over (partition by stream order by seq rows between
      unbounded preceding and 1 preceding) mv from events) x where mv > version`,
  },
  {
    id: 'I17',
    says: 'recovery in the ledger is recovery on the dispositions',
    sql: `select 'currency ' || currency as what from (
        select currency, sum(amount) as amount from (
          select currency, -amount_minor as amount from ledger_entries where account in ('recovery_income', 'disposal_cost')
          union all select currency, -realised_value_minor from dispositions where execution = 'done' and realised_value_minor is not null
        ) x group by currency) y where amount <> 0`,
  },
  {
    id: 'I18',
    says: 'a check before every decision; quarantined units are not sold',
    sql: `select d.id::text as what from dispositions d join return_items r on r.id = d.return_id where d.is_current and
      (r.quality_check_id is null or (r.grade = 'Q' and d.disposition in ('restock', 'open_box', 'refurbish', 'resell')))`,
  },
  {
    id: 'I19',
    says: 'no credit without an executed disposition of the same kind',
    sql: 'select m.id::text as what from esg_metrics m join dispositions d on d.id = m.disposition_id where d.disposition <> m.disposition',
  },
  {
    id: 'I22',
    says: 'one current recommendation where one was made',
    sql: 'select r.id::text as what from return_items r left join ai_recommendations a on a.return_id = r.id and a.is_current where r.recommendation_id is distinct from a.id',
  },
]

export type Violation = {
  readonly id: string
  readonly says: string
  readonly rows: number
  readonly examples: readonly string[]
}

/** All invariants on the data as it is now; empty when all hold. */
export async function checkInvariants(db: Database): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const { id, says, sql } of invariants) {
    const rows = await db.transaction(
      (tx) => tx.query<{ what: string | null }>(`select what, count(*) over () as rows from (${sql}) v limit 5`),
      { readOnly: true, statementTimeoutMs: 600_000 },
    )
    if (rows.length > 0) {
      violations.push({
        id,
        says,
        rows: (rows[0] as { rows?: number }).rows ?? rows.length,
        examples: rows.map((row) => String(row.what)),
      })
    }
  }
  return violations
}

export const invariantIds: readonly string[] = invariants.map((invariant) => invariant.id)
