import type { Database } from '#platform/db/port.ts'
import type { DecisionScope } from '../decisions-store.ts'
import { readLabels } from '../labels-store.ts'
import { unitEventTypes, unitLog, type UnitEvent, type UnitLog } from './unit-log.ts'

/** Units that have been checked, by id after one: a page of bounded memory. */
export async function readUnitLogs(
  db: Database,
  { since, until, clientIds }: DecisionScope,
  afterId: string | null,
  limit: number,
): Promise<UnitLog[]> {
  const units = await db.query<{ id: string }>(
    `select i.id from return_items i join ai_recommendations a on a.return_id = i.id and a.is_current
     where i.checked_at is not null and ($1::timestamptz is null or a.created_at >= $1)
       and ($2::timestamptz is null or a.created_at < $2) and ($3::uuid[] is null or i.client_id = any($3))
       and ($4::uuid is null or i.id > $4)
       and not exists (select 1 from person_keys k where k.person_id = i.person_id and k.restricted_at is not null)
       and not exists (select 1 from person_consents c
         where c.person_id = i.person_id and c.purpose = 'model_training' and not c.is_given)
     order by i.id limit $5`,
    [since, until, clientIds, afterId, limit],
  )
  if (units.length === 0) return []
  const ids = units.map((unit) => unit.id)
  const rows = await db.query<{ stream: string; type: string; data: unknown; at: Date }>(
    `select stream, type, data, at from events where stream = any($1::text[]) and type = any($2::text[])
     order by stream, version`,
    [ids.map((id) => `return-${id}`), unitEventTypes],
  )
  const labels = await readLabels(db, ids)
  const byUnit = new Map<string, UnitEvent[]>(ids.map((id) => [id, []]))
  for (const { stream, type, data, at } of rows)
    byUnit
      .get(stream.slice('return-'.length))!
      .push({ event: { type, data } as unknown as UnitEvent['event'], atMs: at.getTime() })
  return ids.map((id) => unitLog(id, byUnit.get(id)!, labels.get(id) ?? []))
}
