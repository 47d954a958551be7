import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { DriftReport } from '#contracts/drift.ts'
import type { ChampionChange } from '#contracts/model-registry.ts'
import type { Actor } from '#context.ts'
import { challengeModel, promoteModel, registerModel, rollBackModel } from '#flows/change-models.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { measureDrift, showModels } from '#services/recommendation/index.ts'
import { auditCommand } from './audit.ts'
import { exitCodes, print, withProgram, type Program } from './open.ts'
import { shadowCommand } from './shadow.ts'

type Output = { readonly json?: boolean }

/** Who sits at the terminal of this machine may do everything; the log names the account. */
function actorHere(): Actor {
  const id = `cli:${userInfo().username}`
  return { kind: 'system', id, role: 'system', hubIds: null, clientIds: null, scopes: [] }
}

const asked = <T>(input: T) => ({ actor: actorHere(), requestId: uuidv7(Date.now()), input })

/** `models`: which there are, which serves, and its change. */
export function modelCommands(cli: Command, program: Program): void {
  const models = cli.command('models').description('trained models: which there are, which serves, and its change')
  models
    .command('list')
    .description('every registered version and every engine that answers')
    .option('--json', 'the result as JSON')
    .action(async (options: Output) => {
      const list = await withProgram(program, ({ ctx }) => showModels(ctx))
      if (options.json) return print(JSON.stringify(list))
      for (const model of list) {
        const marks = [...model.aliases, ...(model.isServing ? ['serving'] : [])].join(', ')
        print(`${model.level}  ${model.engine.padEnd(15)} ${model.version.padEnd(28)} ${marks}`)
        if (model.trouble !== null) print(`      ${model.trouble}`)
      }
    })
  models
    .command('show')
    .argument('[version]', 'the champion when absent')
    .description('what is known of one version, and who made it serve')
    .option('--json', 'the result as JSON')
    .action(async (version: string | undefined, options: Output) => {
      const found = await withProgram(program, async ({ ctx: { models: of } }) => {
        const model = version === undefined ? await of.registry.byAlias('champion') : await of.registry.find(version)
        const history = await of.registry.history('champion')
        return model === null ? null : { ...model, history: history.filter((each) => each.version === model.version) }
      })
      if (found === null) {
        process.stderr.write(version === undefined ? 'no model is the champion\n' : `no such model: ${version}\n`)
        process.exitCode = exitCodes.failed
      } else if (options.json) print(JSON.stringify(found))
      else for (const line of linesOf(found)) print(line)
    })
  models
    .command('register')
    .argument('<folder>', 'folder that the training wrote')
    .description('keep a trained model, after all its golden vectors were answered as by its trainer')
    .option('--json', 'the result as JSON')
    .action(async (folder: string, options: Output) => {
      const model = await withProgram(program, ({ ctx }) => registerModel(ctx, asked({ folder: resolve(folder) })))
      print(options.json ? JSON.stringify(model) : `registered ${model.version} (${model.sha256.slice(0, 12)})`)
    })
  models
    .command('challenge')
    .argument('<version>', 'the version that is to be tried')
    .description('score a registered version beside the one that serves; `models shadow` shows what it would have done')
    .option('--json', 'the result as JSON')
    .action(async (version: string, options: Output) => {
      const change = await withProgram(program, ({ ctx }) => challengeModel(ctx, asked({ version })))
      print(options.json ? JSON.stringify(change) : `challenger: ${change.version}, before: ${change.before ?? 'none'}`)
    })
  shadowCommand(models, program)
  auditCommand(models, program)
  models
    .command('promote')
    .argument('<version>', 'the version that is to serve')
    .description('let a registered version serve, when the gate says so')
    .option('--reason <text>', 'why; kept with the change')
    .option('--force', 'though the gate says no; needs --reason, which is recorded')
    .option('--json', 'the result as JSON')
    .action(async (version: string, options: Output & { readonly reason?: string; readonly force?: boolean }) => {
      if (options.force && options.reason === undefined) {
        process.stderr.write('--force needs --reason\n')
        process.exitCode = exitCodes.usage
        return
      }
      const input = { version, force: options.force === true, reason: options.reason }
      tell(await withProgram(program, ({ ctx }) => promoteModel(ctx, asked(input))), options)
    })
  models
    .command('drift')
    .description('hold the units of the last two weeks against those of the training; keeps the report')
    .option('--json', 'the result as JSON')
    .action(async (options: Output) => {
      const reports = await withProgram(program, ({ ctx }) => measureDrift(ctx))
      if (options.json) print(JSON.stringify(reports))
      else for (const report of reports) tellDrift(report)
      if (reports.some((report) => report.level === 'alert')) process.exitCode = exitCodes.failed
    })
  models
    .command('rollback')
    .description('let the champion before the present one serve again')
    .requiredOption('--reason <text>', 'why; kept with the change')
    .option('--json', 'the result as JSON')
    .action(async (options: Output & { readonly reason: string }) => {
      tell(await withProgram(program, ({ ctx }) => rollBackModel(ctx, asked({ reason: options.reason }))), options)
    })
}

function tell(change: ChampionChange, options: Output): void {
  if (options.json) return print(JSON.stringify(change))
  print(`champion: ${change.version}, before: ${change.before ?? 'none'}${change.forced ? ', against the gate' : ''}`)
  for (const { id, says, value, bar, met } of change.conditions)
    print(`  ${met ? 'met    ' : 'NOT MET'} ${id.padEnd(18)} ${says}: ${value ?? 'not measured'} (${bar})`)
  if (change.refused !== null) print(`  not taken in here: ${change.refused}`)
}

function tellDrift({ engine, level, count, reference, features, calibration }: DriftReport): void {
  print(
    `${engine}: ${level ?? 'too few units to say'} (${count} units against ${reference.count} of the ${reference.source})`,
  )
  for (const feature of features.filter((each) => each.level !== 'ok'))
    print(
      `  ${feature.level.padEnd(6)} ${feature.name.padEnd(28)} PSI ${feature.psi.toFixed(3)}, ` +
        `missing ${feature.missing.reference.toFixed(2)} -> ${feature.missing.window.toFixed(2)}`,
    )
  if (calibration !== null)
    print(`  ${calibration.level.padEnd(6)} calibration of the grade: ${calibration.gradeEce.toFixed(3)}`)
}

function linesOf(found: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(found).map(
    ([name, value]) => `${name.padEnd(14)} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
}
