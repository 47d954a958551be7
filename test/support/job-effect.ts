import type { Database } from '#platform/db/port.ts'

/** An effect that a job has once however often it is delivered: the inbox knows it, in the transaction of the effect. */
export async function takeOnce(db: Database, jobId: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('update crash_counts set deliveries = deliveries + 1')
    const taken = await tx.query(
      'insert into inbox (consumer, message_id, taken_at) values ($1, $2, now()) on conflict do nothing returning 1',
      ['crash', jobId],
    )
    if (taken.length > 0) await tx.query('update crash_counts set effects = effects + 1')
  })
}
