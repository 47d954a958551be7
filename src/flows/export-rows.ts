import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { outcomeColumns, type TrainingManifest } from '#contracts/training-rows.ts'
import type { Context } from '#context.ts'
import { readLogRows, type DecisionScope, type LeftOut } from '#services/recommendation/index.ts'

export type RowsExport = TrainingManifest & {
  readonly leftOut: LeftOut
  readonly seconds: number
}

const split = 'log'
const binaries = ['x0', 'x1', 'y'] as const

/**
 * Writes training rows of the log into a folder (see `contracts/training-rows.ts`). The manifest comes last, so a folder
 * that has one is whole.
 */
export async function exportRows(
  ctx: Pick<Context, 'db' | 'reference' | 'now'>,
  folder: string,
  scope: DecisionScope,
  progress: (units: number) => void,
): Promise<RowsExport> {
  const startedMs = ctx.now()
  await mkdir(folder, { recursive: true })
  const path = (name: string) => join(folder, `${split}.${name}.f32`)
  const files = await Promise.all(binaries.map((name) => open(path(name), 'w')))
  const leftOut = { incomplete: 0, otherContract: 0, changed: 0 }
  let count = 0
  try {
    for await (const page of readLogRows(ctx, scope)) {
      for (const [i, name] of binaries.entries()) {
        const values = page.rows[name]
        await files[i]!.write(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
      }
      count += page.rows.count
      leftOut.incomplete += page.leftOut.incomplete
      leftOut.otherContract += page.leftOut.otherContract
      leftOut.changed += page.leftOut.changed
      progress(page.done)
    }
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
  const hash = createHash('sha256')
  for (const name of binaries) for await (const chunk of createReadStream(path(name))) hash.update(chunk as Buffer)
  const { features } = ctx.reference
  const manifest: TrainingManifest = {
    contract: features.name,
    contractHash: features.hash,
    features: features.features.map((feature) => feature.name),
    outcomes: [...outcomeColumns],
    count,
    kind: 'logged',
    source: split,
    dataHash: hash.digest('hex'),
  }
  await writeFile(join(folder, `${split}.json.part`), `${JSON.stringify(manifest, null, 2)}\n`)
  await rename(join(folder, `${split}.json.part`), join(folder, `${split}.json`))
  return { ...manifest, leftOut, seconds: (ctx.now() - startedMs) / 1000 }
}
