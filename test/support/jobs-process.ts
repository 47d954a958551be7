import { openBullMq } from '#platform/jobs/bullmq.ts'
import { openPgBoss } from '#platform/jobs/pg-boss.ts'
import { silentLog } from './fakes.ts'

/** One process with a schedule: `<engine> <address> <prefix> <cron>`; a line with the job's id for each run. */
const [engine, address = '', prefix = '', cron = ''] = process.argv.slice(2)

const jobs =
  engine === 'bullmq'
    ? await openBullMq({ url: address, prefix, log: silentLog })
    : await openPgBoss({ connectionString: address, log: silentLog, pollSeconds: 0.5 })
await jobs.work('tick', (_input, id) => Promise.resolve(void process.stdout.write(`${id}\n`)))
await jobs.schedule('tick', cron)
process.stdout.write('ready\n')
process.on('SIGTERM', () => void jobs.close().then(() => process.exit(0)))
