import type { Queryable } from '#platform/db/port.ts'

type Place = { readonly store: string; readonly contractHash: string }

export async function readFeatureCursor(db: Queryable, { store, contractHash }: Place): Promise<number> {
  const [row] = await db.query<{ seq: number }>(
    'select seq from feature_cursors where store = $1 and contract_hash = $2',
    [store, contractHash],
  )
  return row?.seq ?? 0
}

/** Of two that push at once the one that came further holds. */
export async function writeFeatureCursor(db: Queryable, { store, contractHash }: Place, seq: number): Promise<void> {
  await db.query(
    `insert into feature_cursors (store, contract_hash, seq) values ($1, $2, $3)
     on conflict (store, contract_hash) do update set seq = greatest(feature_cursors.seq, excluded.seq)`,
    [store, contractHash, seq],
  )
}
