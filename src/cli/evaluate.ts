import type { Command } from 'commander'
import { drawPictures } from '#lab/evaluation/draw-pictures.ts'
import { evaluateWorld } from '#lab/evaluation/evaluate-world.ts'
import { metricLines } from '#lab/evaluation/metric.ts'
import { exitCodes, print, progress, type Program } from './open.ts'

type Options = {
  readonly world: string
  readonly model?: string
  readonly finish?: boolean
  readonly pictures?: string
  readonly json?: boolean
}

/** `evaluate`: the engine held against a world in which the outcome of every route is known; needs no database. */
export function evaluateCommand(cli: Command, program: Program): void {
  cli
    .command('evaluate')
    .description('measure the decision engine on a simulated world; exit 1 when a bar is missed')
    .requiredOption('--world <folder>', 'a world that `simulate` wrote')
    .option('--model <folder>', 'a trained model; without it one is trained on the world (needs Python) and kept there')
    .option('--finish', 'write calibration.json and the figures of the promotion gate into the folder of --model')
    .option('--pictures <folder>', 'write reliability and regret curves as SVG')
    .option('--json', 'the table as JSON')
    .action(async ({ world, model, finish, pictures, json }: Options) => {
      const lab = await program.laboratory()
      const evaluation = await evaluateWorld(lab, {
        world,
        model: model ?? null,
        finishes: finish === true,
        hasLogsOnly: true,
        progress,
      })
      progress('')
      if (pictures !== undefined) drawPictures(evaluation, pictures)
      const { metrics } = evaluation
      if (json) print(JSON.stringify({ metrics }))
      else for (const line of metricLines(metrics)) print(line)
      if (metrics.some(({ met }) => met === false)) process.exitCode = exitCodes.failed
    })
}
