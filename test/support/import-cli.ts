import { Command } from 'commander'
import { openPostgres } from '#platform/db/postgres.ts'
import { importCommand } from '../../src/cli/import.ts'
import { contextOn } from './context-on.ts'

/** The import command in a process of its own, on the database named by the first argument. */
const [connectionString = '', ...words] = process.argv.slice(2)
const program = new Command().exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
importCommand(program, async () => {
  const db = openPostgres({
    connectionString,
    poolMax: 6,
    applicationName: 'test',
    engine: 'embedded',
    statementTimeoutMs: 30_000,
    acquireTimeoutMs: 20_000,
  })
  return { ctx: await contextOn(db), close: db.close }
})
await program.parseAsync(['import', ...words], { from: 'user' })
