import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import type { Jobs } from '#platform/jobs/port.ts'
import { testDatabase } from '../support/database.ts'
import { silentLog } from '../support/fakes.ts'
import { jobsSuite, quickRetries } from './jobs.ts'

jobsSuite('pg-boss', async (t) => {
  const database = await testDatabase(t)
  const opened: Jobs[] = []
  t.after(async () => {
    for (const jobs of opened) await jobs.close().catch(() => undefined)
  })
  return {
    open: async () => {
      const jobs = await openPgBoss({
        connectionString: database.connectionString,
        log: silentLog,
        pollSeconds: 0.5,
        retries: quickRetries,
      })
      opened.push(jobs)
      return jobs
    },
  }
})
