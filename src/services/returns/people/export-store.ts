import type { Database, Queryable } from '#platform/db/port.ts'

export type ExportedReturn = {
  readonly id: string
  readonly rmaNumber: string
  readonly clientRef: string
  readonly orderRef: string | null
  readonly orderLineRef: string | null
  readonly title: string
  readonly serialNumber: string | null
  readonly awb: string | null
  readonly pickupPincode: string | null
  readonly returnType: string
  readonly reasonCode: string
  readonly reasonCluster: string | null
  readonly stage: string
  readonly grade: string | null
  readonly disposition: string | null
  readonly refundMinor: number
  readonly currency: string
  readonly orderedAt: Date | null
  readonly deliveredAt: Date | null
  readonly createdAt: Date
  readonly customerSealed: string | null
}

export function readReturnsOfPerson(db: Queryable, personId: string, limit: number): Promise<ExportedReturn[]> {
  return db.query<ExportedReturn>(
    `select id, rma_number as "rmaNumber", client_ref as "clientRef", order_ref as "orderRef", order_line_ref as "orderLineRef",
       title, serial_number as "serialNumber", awb, pickup_pincode as "pickupPincode", return_type as "returnType",
       reason_code as "reasonCode", reason_cluster as "reasonCluster", stage, grade, disposition, refund_minor as "refundMinor",
       currency, ordered_at as "orderedAt", delivered_at as "deliveredAt", created_at as "createdAt", customer_sealed as "customerSealed"
     from return_items where person_id = $1 order by created_at, id limit $2`,
    [personId, limit],
  )
}

export type SealedNote = {
  readonly returnId: string
  readonly type: string
  readonly checkId: string | null
  readonly sealed: string
  readonly at: Date
}

/** What staff wrote about these units, oldest first. */
export function readSealedNotes(db: Database, returnIds: readonly string[]): Promise<SealedNote[]> {
  return db.query<SealedNote>(
    `select substr(stream, 8) as "returnId", type, data ->> 'checkId' as "checkId", data ->> 'noteSealed' as sealed, at from events
     where stream = any($1::text[]) and data ->> 'noteSealed' is not null order by seq`,
    [returnIds.map((id) => `return-${id}`)],
  )
}

export type ExportedPhoto = {
  readonly returnId: string
  readonly fileId: string
  readonly mediaType: string
  readonly sha256: string
  readonly createdAt: Date
}

export function readExportedPhotos(db: Queryable, returnIds: readonly string[]): Promise<ExportedPhoto[]> {
  return db.query<ExportedPhoto>(
    `select distinct c.return_id as "returnId", f.id as "fileId", f.media_type as "mediaType", f.sha256, f.created_at as "createdAt"
     from quality_checks c cross join lateral jsonb_array_elements(c.photos) as p (photo)
       join files f on f.id = (p.photo ->> 'fileId')::uuid
     where c.return_id = any($1::uuid[]) order by f.created_at, f.id`,
    [returnIds],
  )
}
