import type { FeatureContract } from '#contracts/features.ts'
import type { Queryable } from '#platform/db/port.ts'
import { newestOf } from './newest.ts'
import type { FeatureStore } from './port.ts'

/** Feature rows in our own tables, as the bytes of their float32 numbers. */
export function openTablesFeatures(db: Queryable, contract: FeatureContract): FeatureStore {
  const width = contract.features.length
  return {
    engine: 'tables',
    push: async (rows) => {
      // One statement may touch a row once only.
      const list = newestOf(rows)
      if (list.length === 0) return
      await db.query(
        `insert into feature_rows (return_id, contract_hash, at, numbers)
         select id, $4, at, numbers from unnest($1::uuid[], $2::timestamptz[], $3::bytea[]) as n (id, at, numbers)
         where exists (select from return_items r where r.id = n.id)
         on conflict (return_id) do update set contract_hash = excluded.contract_hash, at = excluded.at, numbers = excluded.numbers
           where feature_rows.at <= excluded.at`,
        [list.map((r) => r.returnId), list.map((r) => r.at), list.map((r) => bytesOf(r.row)), contract.hash],
      )
    },
    read: async (returnIds) => {
      const rows = await db.query<{ id: string; numbers: Buffer }>(
        'select return_id as id, numbers from feature_rows where return_id = any($1::uuid[]) and contract_hash = $2',
        [returnIds, contract.hash],
      )
      const found = new Map(rows.map(({ id, numbers }) => [id, numbersOf(numbers, width)]))
      return returnIds.map((id) => found.get(id) ?? null)
    },
    close: () => Promise.resolve(),
  }
}

function bytesOf(row: Float32Array): Buffer {
  // Every machine that Node runs on is little-endian.
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength)
}

function numbersOf(bytes: Buffer, width: number): Float32Array {
  return Float32Array.from({ length: width }, (_, i) => bytes.readFloatLE(i * 4))
}
