import type { Context } from '#context.ts'
import type { PackedRecommendation } from '#contracts/packed-recommendation.ts'
import type { Queryable, Transaction } from '#platform/db/port.ts'
import type { DecisionState } from './decision-state.ts'

const dayMs = 86_400_000
const budgetDays = 7

type StateRow = {
  readonly alphas: Readonly<Record<string, number>> | null
  readonly outcomes: Readonly<Record<string, number>> | null
  readonly valueMinor: number
  readonly tiesMinor: number
  readonly probesMinor: number
}

export async function readState(ctx: Pick<Context, 'db' | 'now'>): Promise<DecisionState> {
  const [row] = await ctx.db.lookup<StateRow>({
    name: 'decision_state',
    text: `select (select json_object_agg(group_id, alpha) from interval_state) as alphas,
       (select json_object_agg(category_l1 || '|' || route, outcomes) from route_outcomes) as outcomes,
       coalesce(sum(value_minor), 0) as "valueMinor", coalesce(sum(ties_minor), 0) as "tiesMinor",
       coalesce(sum(probes_minor), 0) as "probesMinor"
     from exploration_days where day > $1::date`,
    values: [new Date(ctx.now() - budgetDays * dayMs).toISOString()],
  })
  const { alphas, outcomes, valueMinor, tiesMinor, probesMinor } = row!
  return {
    alphas: new Map(Object.entries(alphas ?? {})),
    outcomes: new Map(Object.entries(outcomes ?? {})),
    spent: { valueMinor, tiesMinor, probesMinor },
  }
}

export type OutcomeOf = {
  readonly returnId: string
  readonly version: number
  readonly recommendationId: string | null
}
export type Judged = {
  readonly returnId: string
  readonly version: number
  readonly disposition: string | null
  readonly channel: string | null
  readonly body: PackedRecommendation
}

/** The recommendation that these first outcomes judge, with the route that was taken. A later word on one unit is no new outcome. */
export async function readJudged(db: Queryable, outcomes: readonly OutcomeOf[]): Promise<Judged[]> {
  if (outcomes.length === 0) return []
  return db.query<Judged>(
    `select q.return_id as "returnId", q.version, r.disposition, r.disposition_channel as channel, e.data -> 'body' as body
     from unnest($1::uuid[], $2::integer[], $3::uuid[]) as q (return_id, version, recommendation_id)
     join return_items r on r.id = q.return_id
     left join dispositions d on d.id = r.disposition_id
     join ai_recommendations a on a.id = coalesce(q.recommendation_id, d.recommendation_id)
     join events e on e.stream = 'return-' || q.return_id and e.version = a.version
     where not exists (select from labels l
       where l.return_id = q.return_id and l.version < q.version and l.net_value_minor is not null
         and l.kind in ('done', 'outcome'))
     order by q.return_id, q.version`,
    [outcomes.map((o) => o.returnId), outcomes.map((o) => o.version), outcomes.map((o) => o.recommendationId)],
  )
}

/** Alphas of all groups, locked until the end of the transaction. */
export async function lockAlphas(tx: Transaction): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: string; alpha: number }>(
    'select group_id as id, alpha from interval_state order by group_id for update',
  )
  return new Map(rows.map((row) => [row.id, row.alpha]))
}

export type GroupNews = {
  readonly group: string
  readonly alpha: number
  readonly outcomes: number
  readonly missed: number
}

export async function writeAlphas(tx: Transaction, news: readonly GroupNews[]): Promise<void> {
  if (news.length === 0) return
  await tx.query(
    `insert into interval_state as s (group_id, alpha, outcomes, missed)
     select * from unnest($1::text[], $2::double precision[], $3::integer[], $4::integer[])
     on conflict (group_id) do update set alpha = excluded.alpha, outcomes = s.outcomes + excluded.outcomes,
       missed = s.missed + excluded.missed`,
    [news.map((n) => n.group), news.map((n) => n.alpha), news.map((n) => n.outcomes), news.map((n) => n.missed)],
  )
}

export async function countRouteOutcomes(tx: Transaction, counts: ReadonlyMap<string, number>): Promise<void> {
  if (counts.size === 0) return
  const keys = [...counts.keys()].toSorted()
  await tx.query(
    `insert into route_outcomes as o (category_l1, route, outcomes)
     select split_part(key, '|', 1), split_part(key, '|', 2), n from unnest($1::text[], $2::integer[]) as q (key, n)
     on conflict (category_l1, route) do update set outcomes = o.outcomes + excluded.outcomes`,
    [keys, keys.map((key) => counts.get(key)!)],
  )
}

export type DaySpent = { valueMinor: number; tiesMinor: number; probesMinor: number }

export async function addExplorationDays(tx: Transaction, days: ReadonlyMap<string, DaySpent>): Promise<void> {
  if (days.size === 0) return
  const rows = [...days].toSorted(([a], [b]) => a.localeCompare(b))
  await tx.query(
    `insert into exploration_days as d (day, value_minor, ties_minor, probes_minor)
     select * from unnest($1::date[], $2::double precision[], $3::double precision[], $4::double precision[])
     on conflict (day) do update set value_minor = d.value_minor + excluded.value_minor,
       ties_minor = d.ties_minor + excluded.ties_minor, probes_minor = d.probes_minor + excluded.probes_minor`,
    [
      rows.map(([day]) => day),
      rows.map(([, spent]) => spent.valueMinor),
      rows.map(([, spent]) => spent.tiesMinor),
      rows.map(([, spent]) => spent.probesMinor),
    ],
  )
}
