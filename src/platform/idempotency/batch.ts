import type { Database, Statement } from '../db/port.ts'

export type KeyOf = { readonly caller: string; readonly route: string; readonly key: string }
export type StoredAnswer = KeyOf & { readonly fingerprint: string; readonly status: number; readonly answer: unknown }

/** Stored answers of these keys, in any order; absent where a key is new. */
export async function recallAnswers(db: Database, keys: readonly KeyOf[]): Promise<StoredAnswer[]> {
  if (keys.length === 0) return []
  return db.lookup<StoredAnswer>({
    name: 'recall_answers',
    text: `select i.caller, i.route, i.key, i.fingerprint, i.status, i.answer
      from unnest($1::text[], $2::text[], $3::text[]) as q (caller, route, key)
      join idempotency_keys i on i.caller = q.caller and i.route = q.route and i.key = q.key`,
    values: [keys.map((k) => k.caller), keys.map((k) => k.route), keys.map((k) => k.key)],
  })
}

/** Forgets the stored answers about these objects; answers how many there were. */
export async function forgetAnswers(db: Database, resourceIds: readonly string[]): Promise<number> {
  const rows = await db.query('delete from idempotency_keys where resource_id = any($1::text[]) returning key', [
    resourceIds,
  ])
  return rows.length
}

export type NewAnswer = StoredAnswer & { readonly resourceId: string | null; readonly creates: boolean }

/** Stores answers, in key order. A key that was used meanwhile makes it fail: `idempotency_keys_pkey`. */
export function answerStatements(answers: readonly NewAnswer[], at: Date): Statement[] {
  if (answers.length === 0) return []
  const sorted = answers.toSorted((a, b) =>
    `${a.caller}|${a.route}|${a.key}` < `${b.caller}|${b.route}|${b.key}` ? -1 : 1,
  )
  return [
    {
      name: 'store_answers',
      text: `insert into idempotency_keys (caller, route, key, fingerprint, state, status, answer, resource_id, creates, created_at)
        select a.caller, a.route, a.key, a.fingerprint, 'done', a.status, a.answer::json, a.resource_id, a.creates, $9
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::boolean[])
          as a (caller, route, key, fingerprint, status, answer, resource_id, creates)`,
      values: [
        sorted.map((a) => a.caller),
        sorted.map((a) => a.route),
        sorted.map((a) => a.key),
        sorted.map((a) => a.fingerprint),
        sorted.map((a) => a.status),
        sorted.map((a) => JSON.stringify(a.answer)),
        sorted.map((a) => a.resourceId),
        sorted.map((a) => a.creates),
        at,
      ],
    },
  ]
}
