import type { Queryable, Row } from '#platform/db/port.ts'

/** By what others know a return. No person, no free text. */
export type ReturnHead = {
  readonly id: string
  readonly clientId: string
  readonly clientRef: string
  readonly rmaNumber: string
  readonly lpn: string
}

export async function readReturnHeads(db: Queryable, ids: readonly string[]): Promise<Map<string, ReturnHead>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<ReturnHead & Row>(
    `select id, client_id as "clientId", client_ref as "clientRef", rma_number as "rmaNumber", lpn from return_items where id = any($1::uuid[])`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}
