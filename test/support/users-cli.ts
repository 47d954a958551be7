import { Command } from 'commander'
import { openOutboxMail } from '#integrations/mail/outbox.ts'
import { openVault } from '#platform/auth/vault.ts'
import { openPostgres } from '#platform/db/postgres.ts'
import { openLocalSecrets } from '#platform/secrets/local.ts'
import { mailCommand, signingKeyCommands, userCommands } from '../../src/cli/users.ts'
import type { Program } from '../../src/cli/open.ts'
import { readConfig } from '../../src/app/config.ts'
import { openLogin } from '../../src/app/open-login.ts'
import { contextOn } from './context-on.ts'

/** The commands about logins in a process of its own: `<database> <master key file> <command> …`. */
const [connectionString = '', masterKeyFile = '', ...words] = process.argv.slice(2)

async function open() {
  const db = openPostgres({
    connectionString,
    poolMax: 4,
    applicationName: 'test',
    engine: 'embedded',
    statementTimeoutMs: 30_000,
    acquireTimeoutMs: 20_000,
  })
  const ctx = await contextOn(db)
  const secrets = await openLocalSecrets({ db, masterKeyFile, now: ctx.now })
  const vault = await openVault(db, secrets, new Date(ctx.now()))
  const mail = openOutboxMail({ db, sealing: vault, now: ctx.now })
  const login = await openLogin(readConfig({ NODE_ENV: 'test' }), {
    ...ctx,
    mail,
    box: secrets,
    vault,
    providers: [],
    nameOf: (email) => secrets.personId('login', email),
  })
  return { ctx: { ...ctx, mail }, login, close: db.close }
}

const program = new Command().exitOverride()
// The commands at hand use nothing else of the program.
const only = { open } as unknown as Program
userCommands(program, only)
mailCommand(program, only)
signingKeyCommands(program, only)
try {
  await program.parseAsync(words, { from: 'user' })
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
