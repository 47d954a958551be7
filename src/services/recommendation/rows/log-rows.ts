import { basisOf } from '#contracts/packed-recommendation.ts'
import { outcomeWidth } from '#contracts/training-rows.ts'
import type { Context } from '#context.ts'
import { compiledFor } from '../compile.ts'
import type { DecisionScope } from '../decisions-store.ts'
import { featureRows, rowHashes } from '../features.ts'
import { writeOutcome } from './outcome-row.ts'
import { readUnitLogs } from './unit-log-store.ts'
import type { UnitLog } from './unit-log.ts'

/** Rows of one page of units, side by side: features before and after the check, and what came of them. */
export type LogRows = {
  readonly count: number
  readonly x0: Float32Array
  readonly x1: Float32Array
  readonly y: Float32Array
  readonly units: readonly UnitLog[]
}

/** Why units are not among the rows. */
export type LeftOut = {
  /** Their advice keeps no facts, or none was given before the check. */
  readonly incomplete: number
  /** Made for another feature contract. */
  readonly otherContract: number
  /** Their features come out otherwise than when they were decided: the data beneath have changed since. */
  readonly changed: number
}

const pageUnits = 250

type Page = { readonly rows: LogRows; readonly leftOut: LeftOut; readonly done: number }

/**
 * Training rows from the log, page by page in bounded memory: the facts that each decision kept, through the function that
 * served it. A row that is not bit for bit the one that was served is left out and counted.
 */
export async function* readLogRows(
  ctx: Pick<Context, 'db' | 'reference'>,
  scope: DecisionScope,
): AsyncGenerator<Page, void> {
  let afterId: string | null = null
  for (let done = 0; ;) {
    const units: UnitLog[] = await readUnitLogs(ctx.db, scope, afterId, pageUnits)
    const last = units.at(-1)
    if (last === undefined) return
    afterId = last.returnId
    done += units.length
    yield { ...rowsOf(ctx.reference, units), done }
  }
}

function rowsOf(reference: Context['reference'], units: readonly UnitLog[]): Omit<Page, 'done'> {
  const { features: contract, decision, categories } = reference
  const compiled = compiledFor(decision, categories)
  const width = contract.features.length
  let [incomplete, otherContract, changed] = [0, 0, 0]
  const based = units.flatMap((unit) => {
    const before = unit.before && basisOf(unit.before, unit.returnId)
    const after = unit.after && basisOf(unit.after, unit.returnId)
    if (before === null || after === null) incomplete++
    else if (![before, after].every((basis) => contract.hash.startsWith(basis.contractHash))) otherContract++
    else return [{ unit, before, after }]
    return []
  })
  const rowsAt = (point: 'before' | 'after') =>
    featureRows(
      compiled,
      contract,
      based.map((row) => row[point].item),
    )
  const [x0, x1] = [rowsAt('before'), rowsAt('after')]
  const [hashes0, hashes1] = [rowHashes(x0, width), rowHashes(x1, width)]
  const kept = based.flatMap(({ before, after }, i) =>
    before.rowHash === hashes0[i] && after.rowHash === hashes1[i] ? [i] : [],
  )
  changed = based.length - kept.length
  const y = new Float32Array(kept.length * outcomeWidth)
  kept.forEach((i, n) => {
    const { unit, after } = based[i]!
    writeOutcome(compiled, unit, after.item, y, n * outcomeWidth)
  })
  return {
    rows: {
      count: kept.length,
      x0: pick(x0, kept, width),
      x1: pick(x1, kept, width),
      y,
      units: kept.map((i) => based[i]!.unit),
    },
    leftOut: { incomplete, otherContract, changed },
  }
}

function pick(rows: Float32Array, kept: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(kept.length * width)
  kept.forEach((i, n) => picked.set(rows.subarray(i * width, (i + 1) * width), n * width))
  return picked
}
