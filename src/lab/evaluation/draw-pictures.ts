import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evaluation } from './evaluate-world.ts'
import { reliability, selective } from './metrics.ts'
import { pictureSvg } from './pictures.ts'

const points = ['t0', 't1'] as const
const names = { t0: 'before the check (t0)', t1: 'after the check (t1)' } as const
const straight = [
  [0, 0],
  [1, 1],
] as const

/** Reliability of confidence, regret over coverage and the spread of losses, as SVG files; answers their names. */
export function drawPictures({ test }: Evaluation, folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  const pictures = {
    'reliability.svg': pictureSvg({
      title: 'Confidence that was said, and how often the choice was best',
      x: { name: 'confidence', min: 0, max: 1 },
      y: { name: 'share of choices that were best', min: 0, max: 1 },
      isPercent: { x: true, y: true },
      curves: [
        ...points.map((point) => ({
          name: names[point],
          hasDots: true,
          points: reliability(
            test[point].map(({ confidence }) => confidence),
            test[point].map(({ isBest }) => Number(isBest)),
          ).map(({ said, was }) => [said, was] as const),
        })),
        { name: 'perfect', isDashed: true, points: straight },
      ],
    }),
    'regret.svg': pictureSvg({
      title: 'Regret of the surest units',
      x: { name: 'share of units, the surest first', min: 0, max: 1 },
      y: { name: 'regret', min: 0 },
      isPercent: { x: true, y: true },
      curves: points.map((point) => ({
        name: names[point],
        points: selective(
          test[point].map(({ confidence }) => confidence),
          test[point].map(({ utility }) => utility),
          test[point].map(({ bestUtility }) => bestUtility),
        ).curve,
      })),
    }),
    'loss.svg': pictureSvg({
      title: 'Loss against the best option, unit by unit',
      x: { name: 'share of units', min: 0.5, max: 1 },
      y: { name: 'loss, share of the reference price', min: 0, max: 0.1 },
      isPercent: { x: true, y: true },
      curves: points.map((point) => ({ name: names[point], points: lossCurve(test[point]) })),
    }),
  }
  for (const [name, text] of Object.entries(pictures)) writeFileSync(join(folder, name), text)
  return Object.keys(pictures)
}

function lossCurve(judged: Evaluation['test']['t0']): [number, number][] {
  const losses = judged.map((one) => (one.bestUtility - one.utility) / one.reference).toSorted((a, b) => a - b)
  return Array.from({ length: 201 }, (_, i): [number, number] => {
    const share = 0.5 + i / 400
    return [share, losses[Math.min(losses.length - 1, Math.floor(share * losses.length))]!]
  })
}
