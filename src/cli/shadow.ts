import type { Command } from 'commander'
import type { ShadowReport } from '#contracts/shadow.ts'
import { readShadow } from '#services/recommendation/index.ts'
import { print, withProgram, type Program } from './open.ts'

/** `models shadow`: what the model that is tried beside the serving one would have done. */
export function shadowCommand(models: Command, program: Program): void {
  models
    .command('shadow')
    .description(
      'how far models that are scored beside the serving one agree with it, and what they would have brought',
    )
    .option('--json', 'the result as JSON')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const reports = await withProgram(program, ({ ctx }) => readShadow(ctx.db))
      if (json) return print(JSON.stringify(reports))
      if (reports.length === 0) print('no model was scored beside the serving one: give one the alias challenger')
      for (const report of reports) for (const line of linesOf(report)) print(line)
    })
}

const rupees = (paise: number) => `${(paise / 100).toFixed(2)} INR`
const percent = (share: number) => `${(100 * share).toFixed(1)} %`

function linesOf({ modelVersion, value, ...report }: ShadowReport): string[] {
  const lines = [
    `${modelVersion}: ${report.units} units since ${report.since}, the same choice in ${percent(report.agreement)}, the same disposition in ${percent(report.dispositionAgreement)}`,
    `  by its own reckoning its choice is worth ${rupees(report.utilityGainMinor)} more a unit; it excludes ${report.servedExcluded} that served`,
    ...report.moves.map(
      (move) => `  ${move.from} -> ${move.to}: ${move.units} units, ${rupees(move.utilityGainMinor)} each`,
    ),
  ]
  if (value === null) return [...lines, '  no logged decision with a known outcome yet: its value is not known']
  const { gain, dr, served } = value
  return [
    ...lines,
    `  on ${value.units} logged decisions ${rupees(dr.value)} a return, ${value.againstVersion} ${rupees(served.value)}`,
    `  gain ${rupees(gain.value)} (90 % ${rupees(gain.low)} to ${rupees(gain.high)}), ${value.effectiveCount.toFixed(0)} decisions bear on it`,
    `  ${value.certainCount} decisions had no other choice, ${value.unsupportedCount} of them cannot support its own; ${value.overridden} were overridden`,
  ]
}
