import type { Command } from 'commander'
import { roles, type Role } from '#contracts/codes.ts'
import { AppError } from '#kernel/errors.ts'
import type { Login } from '#platform/auth/login.ts'
import { invite, resetLogin } from '#platform/auth/recover.ts'
import { closeSessions } from '#platform/auth/sessions.ts'
import { readUserByEmail, readUsers, type UserRow } from '#platform/auth/store.ts'
import { recordUser } from '#platform/auth/users.ts'
import { print, withProgram, type OpenedProgram, type Program } from './open.ts'

const doer = { by: { kind: 'system', id: 'command line' }, requestId: 'command line' }
const listedMax = 1000

async function userOf({ ctx }: OpenedProgram, email: string): Promise<UserRow> {
  const user = await readUserByEmail(ctx.db, email)
  if (user === null) throw new AppError('not_found', `there is no user ${email}`, { problem: 'user_unknown' })
  return user
}

/** Who can read this terminal may hand the link over: it is printed here, and no letter is written. */
function printLink(link: { readonly url: string; readonly expiresAt: Date }): void {
  print(link.url)
  process.stderr.write(`The link works once, until ${link.expiresAt.toISOString()}.\n`)
}

/** `users`: the first administrator, and logins that nobody can get into any more. */
export function userCommands(cli: Command, program: Program): void {
  const users = cli.command('users').description('people with a login')

  users
    .command('list')
    .description('who has a login')
    .option('--json', 'the result as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await withProgram(program, ({ ctx }) => readUsers(ctx.db, null, listedMax))
      const shown = rows.map(({ id, email, name, role, isActive, hasSecondFactor, passwordHash }) => ({
        id,
        email,
        name,
        role,
        isActive,
        hasSecondFactor,
        hasPassword: passwordHash !== null,
      }))
      if (json) return print(JSON.stringify(shown))
      for (const user of shown) {
        const notes = [
          ...(user.isActive ? [] : ['disabled']),
          ...(user.hasPassword ? [] : ['no password']),
          ...(user.hasSecondFactor ? ['second factor'] : []),
        ]
        print(`${user.role.padEnd(14)} ${user.email}  ${notes.join(', ')}`.trimEnd())
      }
    })

  users
    .command('invite')
    .description('give somebody a login, and print the link to choose a password by')
    .argument('<email>')
    .option('--name <name>', 'what the person is called')
    .option('--role <role>', `one of ${roles.join(', ')}`, 'admin')
    .action(async (email: string, options: { name?: string; role: string }) => {
      if (!(roles as readonly string[]).includes(options.role))
        throw new AppError('invalid', `${options.role} is no role; roles are ${roles.join(', ')}`)
      const link = await withProgram(program, async ({ ctx, login }) =>
        ctx.db.transaction(async (tx) => {
          const row = {
            email,
            name: options.name ?? email,
            // Checked above.
            role: options.role as Role,
            hubIds: [],
            clientIds: [],
            isDemo: false,
            passwordHash: null,
            isPasswordLong: true,
          }
          const present = await readUserByEmail(tx, email)
          const id = present?.id ?? (await recordUser(ctx, tx, row, doer))
          return invite(login.recover, tx, id!, doer, false)
        }),
      )
      printLink(link)
    })

  users
    .command('reset')
    .description('make a password worthless, end the sessions, and print the link to choose another by')
    .argument('<email>')
    .option('--second-factor', 'remove the second factor too: the person has lost it')
    .action(async (email: string, options: { secondFactor?: boolean }) => {
      const given = { isTold: false, endsSecondFactor: options.secondFactor === true }
      const link = await withProgram(program, async (opened) => {
        const user = await userOf(opened, email)
        return opened.ctx.db.transaction((tx) => resetLogin(opened.login.recover, tx, user.id, doer, given))
      })
      printLink(link)
    })

  users
    .command('end-sessions')
    .description('end all sessions of a user within a second')
    .argument('<email>')
    .action(async (email: string) => {
      await withProgram(program, async (opened) => {
        const user = await userOf(opened, email)
        await closeSessions(opened.ctx, user.id, doer)
      })
      print(`all sessions of ${email} have ended`)
    })
}

/** `mail`: letters that no carrier has taken yet. */
export function mailCommand(cli: Command, program: Program): void {
  cli
    .command('mail')
    .description('letters that wait to be sent: where no carrier is configured, this is the way to read their links')
    .option('--json', 'the result as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const letters = await withProgram(program, ({ ctx }) => ctx.mail.waiting(listedMax))
      if (json) return print(JSON.stringify(letters))
      for (const { to, subject, text, expiresAt } of letters)
        print(`To: ${to}\nSubject: ${subject}\nUntil: ${expiresAt.toISOString()}\n\n${text}`)
      if (letters.length === 0) process.stderr.write('no letter waits\n')
    })
}

/** `signing-keys`: the keys of access tokens. */
export function signingKeyCommands(cli: Command, program: Program): void {
  const keys = cli.command('signing-keys').description('keys that sign access tokens')
  const withKeys = <T>(run: (keys: Login['signingKeys']) => Promise<T>) =>
    withProgram(program, ({ login }) => run(login.signingKeys))

  keys
    .command('list')
    .description('keys, newest first')
    .option('--json', 'the result as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await withKeys((all) => all.list())
      const shown = rows.map(({ kid, createdAt, signsFrom, verifiesUntil, revokedAt }) => ({
        kid,
        createdAt,
        signsFrom,
        verifiesUntil,
        revokedAt,
      }))
      if (json) return print(JSON.stringify(shown))
      for (const { kid, signsFrom, verifiesUntil, revokedAt } of shown) {
        const end = revokedAt === null ? (verifiesUntil?.toISOString() ?? 'on') : `revoked ${revokedAt.toISOString()}`
        print(`${kid}  signs from ${signsFrom.toISOString()}, verifies until ${end}`)
      }
    })

  keys
    .command('rotate')
    .description('publish a new key; it signs ten minutes later, and tokens of the old one live to their end')
    .action(async () => print(await withKeys((all) => all.rotate(doer))))

  keys
    .command('revoke')
    .description('take a key out of use at once, because others may have it; its tokens end, sessions refresh')
    .argument('<kid>')
    .action(async (kid: string) => {
      await withKeys((all) => all.revoke(kid, doer))
      print(`${kid} is revoked`)
    })
}
