import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { personSearchSchema, type PersonSearch } from '#contracts/privacy.ts'
import { dataClassSchema } from '#contracts/retention.ts'
import { erasePerson } from '#flows/erase-person.ts'
import { listRetentionRuns, nightlyMax, readRetention, runRetention } from '#flows/run-retention.ts'
import { AppError } from '#kernel/errors.ts'
import { breachText, exportPerson, findPeople, personCsv, reportBreach } from '#services/returns/index.ts'
import { askerHere } from './asker.ts'
import { instantOf } from './instant.ts'
import { print, withProgram, type Program } from './open.ts'

type Output = { readonly json?: boolean }

/** `privacy`: the rights of persons, and how long data are kept. */
export function privacyCommands(cli: Command, program: Program): void {
  const privacy = cli.command('privacy').description('persons: find, export, erase; retention; the report of a breach')
  personCommands(privacy, program)
  retentionCommands(privacy, program)
  breachCommand(privacy, program)
}

function personCommands(privacy: Command, program: Program): void {
  privacy
    .command('find')
    .argument('<file>', 'JSON such as {"email": "..."} in a file, or - for the standard input')
    .description('find persons; what is looked for is read from a file, for a command line is seen by others')
    .option('--json', 'the result as JSON')
    .action(async (file: string, options: Output) => {
      const search = await readSearch(file)
      const found = await withProgram(program, ({ ctx }) => findPeople(ctx, askerHere(), search))
      if (options.json) return print(JSON.stringify(found))
      for (const { id, clientName, hint, returns, isRestricted, erasedAt } of found.data) {
        const state = erasedAt === null ? (isRestricted ? 'restricted' : '') : `erased ${erasedAt}`
        print(`${id}  ${clientName.padEnd(24)} ${hint?.name ?? ''} ${hint?.email ?? ''} ${returns} returns ${state}`)
      }
      for (const id of found.unlinkedReturns) print(`return ${id} came without a customer`)
    })
  privacy
    .command('export')
    .argument('<person>', 'the id that `privacy find` tells')
    .argument('<file>', 'where to; .csv makes a table, anything else JSON')
    .description('everything that is kept of one person')
    .action(async (id: string, file: string) => {
      const found = await withProgram(program, ({ ctx }) => exportPerson(ctx, askerHere(), id))
      const text = file.endsWith('.csv') ? personCsv(found) : `${JSON.stringify(found, null, 2)}\n`
      await writeFile(file, text, { mode: 0o600, flag: 'wx' })
      print(`${found.returns.length} returns written to ${file}`)
    })
  privacy
    .command('erase')
    .argument('<person>', 'the id that `privacy find` tells')
    .requiredOption('--confirm <word>', 'the word erase: there is no way back')
    .option('--even-if-open', 'although units of the person are still on their way')
    .option('--json', 'the result as JSON')
    .description('erase a person: the key is destroyed, what shows the person is removed')
    .action(async (id: string, options: Output & { readonly confirm: string; readonly evenIfOpen?: boolean }) => {
      if (options.confirm !== 'erase') throw new AppError('invalid', 'say --confirm erase: there is no way back')
      const person = { id, reason: 'request', evenIfOpen: options.evenIfOpen === true } as const
      const erased = await withProgram(program, ({ ctx }) => erasePerson(ctx, askerHere(), person))
      if (options.json) return print(JSON.stringify(erased))
      print(`erased at ${erased.requestedAt.toISOString()}: ${erased.returns} returns, ${erased.files} files`)
    })
}

function retentionCommands(privacy: Command, program: Program): void {
  const retention = privacy.command('retention').description('how long each class of data is kept')
  retention
    .command('list')
    .description('the policies, and when each class was last seen to')
    .option('--json', 'the result as JSON')
    .action(async (options: Output) => {
      const policies = await withProgram(program, ({ ctx }) => readRetention(ctx))
      if (options.json) return print(JSON.stringify(policies))
      for (const { dataClass, days, isActive, lastRun, says } of policies) {
        const last = lastRun === null ? 'not run yet' : `${lastRun.removed} removed at ${lastRun.at}`
        print(`${dataClass.padEnd(20)} ${`${days} days`.padStart(9)} ${isActive ? '' : '(off) '} ${last}`)
        print(`${''.padEnd(31)} ${says}`)
      }
    })
  retention
    .command('run')
    .description('count what is past its time; with --remove also remove it')
    .option('--remove', 'remove it; else nothing is changed')
    .option('--class <name>', 'only this class')
    .option('--json', 'the result as JSON')
    .action(async (options: Output & { readonly remove?: boolean; readonly class?: string }) => {
      const dataClass = options.class === undefined ? undefined : classOf(options.class)
      const asked = { isDryRun: options.remove !== true, dataClass }
      const run = await withProgram(program, ({ ctx }) => runRetention(ctx, askerHere().actor.id, asked, nightlyMax))
      if (options.json) return print(JSON.stringify(run))
      for (const { dataClass: name, before, found, removed } of run.results)
        print(`${name.padEnd(20)} ${found} older than ${before}${run.isDryRun ? '' : `, ${removed} removed`}`)
    })
  retention
    .command('runs')
    .description('the last runs')
    .option('--json', 'the result as JSON')
    .action(async (options: Output) => {
      const runs = await withProgram(program, ({ ctx }) => listRetentionRuns(ctx, 20))
      if (options.json) return print(JSON.stringify(runs))
      for (const { startedAt, isDryRun, by, results } of runs) {
        const removed = results.reduce((sum, result) => sum + (isDryRun ? result.found : result.removed), 0)
        print(`${startedAt}  ${isDryRun ? 'dry run' : 'run    '}  ${by}: ${removed} ${isDryRun ? 'found' : 'removed'}`)
      }
    })
}

function breachCommand(privacy: Command, program: Program): void {
  privacy
    .command('breach')
    .description('what a breach has touched: whom, what, since when')
    .requiredOption('--since <date>', 'from when on')
    .option('--until <date>', 'until when; now when absent')
    .option('--client <id...>', 'only these clients')
    .option('--actor <id>', 'user or API key whose login was misused')
    .option('--json', 'the whole report with the ids of all persons, as JSON')
    .action(
      async (
        options: Output & {
          readonly since: string
          readonly until?: string
          readonly client?: string[]
          readonly actor?: string
        },
      ) => {
        const request = {
          since: instantOf('--since', options.since),
          until: options.until === undefined ? undefined : instantOf('--until', options.until),
          clientIds: options.client,
          actorId: options.actor,
        }
        const report = await withProgram(program, ({ ctx }) => reportBreach(ctx, askerHere(), request))
        print(options.json ? JSON.stringify(report) : breachText(report).trimEnd())
      },
    )
}

function classOf(name: string) {
  const parsed = dataClassSchema.safeParse(name)
  if (parsed.success) return parsed.data
  throw new AppError('invalid', `no such class: ${name}; there are ${dataClassSchema.options.join(', ')}`)
}

async function readSearch(file: string): Promise<PersonSearch> {
  const text = file === '-' ? await standardInput() : await readFile(file, 'utf8')
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw new AppError('invalid', `${file} is not JSON`, { cause })
  }
  const parsed = personSearchSchema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new AppError('invalid', `${file}: ${parsed.error.issues.map((issue) => issue.message).join(', ')}`)
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
