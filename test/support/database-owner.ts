import { openEmbedded } from '#platform/db/embedded.ts'

// A program that owns a data folder and writes until it is killed: each row it prints has been acknowledged.
const [folder = ''] = process.argv.slice(2)
const db = await openEmbedded({
  dataFolder: folder,
  poolMax: 2,
  applicationName: 'owner',
  statementTimeoutMs: 10_000,
})
await db.query('create table if not exists written (id int primary key)')
const [last] = await db.query<{ id: number }>('select coalesce(max(id), 0) as id from written')
for (let id = (last?.id ?? 0) + 1; ; id++) {
  await db.query('insert into written values ($1)', [id])
  process.stdout.write(`${id}\n`)
}
