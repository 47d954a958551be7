import { takeOnce } from './job-effect.ts'
import { openJobsAt } from './jobs-open.ts'

/** One process that works: `<engine> <address> <prefix> <database> <what>`; `what` is a cron line, or where it is to die. */
const [engine = '', address = '', prefix = '', database = '', what = ''] = process.argv.slice(2)
const say = (line: string) => void process.stdout.write(`${line}\n`)
const { jobs, db } = await openJobsAt({ engine, address, prefix, database })

if (what === 'mid_job') {
  await jobs.work('crash', (_input, id) => {
    say(id)
    return new Promise(() => undefined)
  })
} else if (what === 'before_ack') {
  await jobs.work('crash', async (_input, id) => {
    await takeOnce(db, id)
    // The effect is there, and nobody hears of it.
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => undefined)
  })
} else {
  await jobs.work('tick', (_input, id) => Promise.resolve(say(id)))
  await jobs.schedule('tick', what)
}
say('ready')
process.on('SIGTERM', () => void jobs.close().then(() => process.exit(0)))
