import type { Command } from 'commander'
import { auditConfidence } from '#services/recommendation/index.ts'
import { print, withProgram, type Program } from './open.ts'

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

/** `models audit`: whether confidence is right, by the units of which people appraised several routes. */
export function auditCommand(models: Command, program: Program): void {
  models
    .command('audit')
    .description('hold confidence against appraised units; with enough of them a new map for calibration.json')
    .option('--json', 'the result as JSON')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const report = await withProgram(program, ({ ctx }) => auditConfidence(ctx))
      if (json) return print(JSON.stringify(report))
      print(`${report.items} appraised units, ${report.leftOut} left out: their first option was not appraised`)
      if (report.shareBest === null || report.ece === null) return
      print(`the first option was the best in ${percent(report.shareBest)}, calibration error ${percent(report.ece)}`)
      for (const bin of report.bins)
        print(`  ${percent(bin.raw)} of draws: best in ${percent(bin.best)} of ${bin.items}`)
      if (report.confidence === null) print('too few for a map')
      else print(JSON.stringify({ confidence: report.confidence }))
    })
}
