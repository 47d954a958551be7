import { readFile, stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { PolicyReplayReport } from '#contracts/policy-replay.ts'
import { verifyReplay } from '#flows/replay.ts'
import { AppError } from '#kernel/errors.ts'
import { patchDecision, replayPolicy } from '#services/recommendation/index.ts'
import { readImportClient } from '#services/returns/index.ts'
import { instantOf } from './instant.ts'
import { exitCodes, print, progress, withProgram, type Program } from './open.ts'

type Flags = {
  readonly verify?: boolean
  readonly policy?: string
  readonly since?: string
  readonly client?: string
  readonly json?: boolean
}

const policyBytesMax = 1_048_576

/** `replay --verify` proves the read models; `replay --policy FILE` shows what a changed policy would have done. */
export function replayCommand(cli: Command, program: Program): void {
  const command = cli
    .command('replay')
    .summary('prove the read models from the log, or try a changed policy on past returns')
    .description(
      'With --verify rebuilds every read model from the log beside the served one and compares them. With --policy decides past returns again with the parts of the decision data that FILE changes (JSON by file: channels, fees, transport, policy, constraints, emissions). Keeps nothing.',
    )
    .option('--verify', 'compare the read models with the log')
    .option('--policy <file>', 'a changed policy to try')
    .option('--since <date>', 'only returns recommended for since then')
    .option('--client <code>', 'only the goods of this client: its code or id')
    .option('--json', 'the result as JSON')
  command.action(async (flags: Flags) => {
    const isVerify = flags.verify === true
    if (isVerify === (flags.policy !== undefined))
      command.error('error: give either --verify or --policy FILE', { exitCode: exitCodes.usage })
    await (isVerify ? verify(program, flags) : tryPolicy(program, flags))
  })
}

async function verify(program: Program, { json }: Flags): Promise<void> {
  const report = await withProgram(program, ({ ctx }) =>
    verifyReplay(ctx, (events) => progress(`${events} events replayed`)),
  )
  if (json) print(JSON.stringify(report))
  else {
    print(`${report.events} events replayed in ${report.seconds.toFixed(1)} s`)
    for (const d of report.differences)
      print(`${d.table}: ${d.onlyServed} rows only served, ${d.onlyReplayed} only replayed; for example ${d.example}`)
    if (report.differences.length === 0) print('no difference')
  }
  if (report.differences.length > 0) process.exitCode = exitCodes.failed
}

async function tryPolicy(program: Program, flags: Flags): Promise<void> {
  const patch = await readPatch(flags.policy!)
  const since = flags.since === undefined ? null : instantOf('--since', flags.since)
  const report = await withProgram(program, async ({ ctx }) => {
    const policy = patchDecision(ctx.reference.decision, patch)
    const client = flags.client === undefined ? null : await readImportClient(ctx.db, flags.client)
    if (flags.client !== undefined && client === null)
      throw new AppError('not_found', `there is no client ${flags.client}: give the code or the id of a client`)
    const scope = { since, clientIds: client === null ? null : [client.id] }
    return replayPolicy(ctx, policy, scope, (done, total) => {
      progress(`${done} of ${total} returns decided again`)
      return Promise.resolve()
    })
  })
  if (flags.json) print(JSON.stringify(report))
  else printReport(report)
}

async function readPatch(file: string): Promise<unknown> {
  try {
    const { size } = await stat(file)
    if (size > policyBytesMax)
      throw new AppError('too_large', `${file} has ${size} bytes, a policy at most ${policyBytesMax}`)
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (error instanceof AppError) throw error
    const why = error instanceof SyntaxError ? `is not JSON: ${error.message}` : `cannot be read: ${String(error)}`
    throw new AppError('invalid', `${file} ${why}`, { cause: error })
  }
}

const rupees = (paise: number) =>
  `${(paise / 100).toLocaleString('en-IN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} INR`
const kilograms = (grams: number) => `${(grams / 1000).toFixed(1)} kg CO2e`
const signed = (text: string, value: number) => (value > 0 ? `+${text}` : text)

function printReport(report: PolicyReplayReport): void {
  const { value, carbonGrams: carbon, reviews, hubMinutes } = report
  const { differenceMinor: difference } = value
  print(
    `changed: ${report.changed.join(', ')}; predictions of ${report.modelVersion ?? 'no engine'} (${report.level ?? '-'})`,
  )
  print(`${report.units} returns decided twice in ${report.seconds.toFixed(1)} s, ${report.moved} would go another way`)
  if (report.skipped > 0) print(`${report.skipped} recommendations keep no facts and are left out`)
  if (report.withoutRate > 0)
    print(`${report.withoutRate} units in a currency without a rate are left out of the money`)
  print(
    `value       ${signed(rupees(difference.mean), difference.mean)} (90 % ${rupees(difference.low)} to ${rupees(difference.high)}), of it ${rupees(value.fromMovesMinor)} by moves`,
  )
  const unknown = carbon.unitsUnknown > 0 ? `, ${carbon.unitsUnknown} units without a factor` : ''
  print(`carbon      ${signed(kilograms(carbon.difference), carbon.difference)}${unknown}`)
  print(`reviews     ${reviews.before} -> ${reviews.after} (${reviews.added} more, ${reviews.dropped} fewer)`)
  print(`hub minutes ${hubMinutes.before} -> ${hubMinutes.after}`)
  for (const move of report.moves)
    print(
      `  ${move.from} -> ${move.to}: ${move.units} units, ${signed(rupees(move.valueMinor), move.valueMinor)}, ${kilograms(move.carbonGrams)}`,
    )
  for (const sku of report.topSkus.slice(0, 10))
    print(`  SKU ${sku.sku}: ${sku.units} units, ${signed(rupees(sku.valueMinor), sku.valueMinor)}`)
}
