import type { ReturnEventData } from '#contracts/events.ts'
import { basisOf } from '#contracts/packed-recommendation.ts'
import type { Context } from '#context.ts'
import { compiledFor } from './compile.ts'
import { readFeatureCursor, writeFeatureCursor } from './feature-cursor-store.ts'
import { featureRows, rowHashes } from './features.ts'

type PushContext = Pick<Context, 'db' | 'events' | 'features' | 'reference'>

const pageEvents = 1000
const prefix = 'return-'

/** Brings the features of every decision of the log to the feature store, by the function that the decision was made with. */
export async function pushFeatures(ctx: PushContext): Promise<{ readonly pushed: number; readonly leftOut: number }> {
  const { features: store, reference } = ctx
  const place = { store: store.engine, contractHash: reference.features.hash }
  let seq = await readFeatureCursor(ctx.db, place)
  let [pushed, leftOut] = [0, 0]
  for (;;) {
    const events = await ctx.events.read(seq, pageEvents, ['DispositionRecommended'])
    const last = events.at(-1)
    if (last === undefined) return { pushed, leftOut }
    const decided = events.flatMap((event) => {
      if (!event.stream.startsWith(prefix)) return []
      const { body } = event.data as ReturnEventData['DispositionRecommended']
      const basis = basisOf(body, event.stream.slice(prefix.length))
      return basis === null ? [] : [{ basis, at: event.at, returnId: event.stream.slice(prefix.length) }]
    })
    const width = reference.features.features.length
    const rows = featureRows(
      compiledFor(reference.decision, reference.categories),
      reference.features,
      decided.map(({ basis }) => basis.item),
    )
    const hashes = rowHashes(rows, width)
    // A row that is not the one that was served would be another unit's to whoever reads it.
    const sound = decided.flatMap(({ basis, at, returnId }, i) =>
      basis.rowHash === hashes[i] ? [{ returnId, at, row: rows.slice(i * width, (i + 1) * width) }] : [],
    )
    await store.push(sound)
    pushed += sound.length
    leftOut += decided.length - sound.length
    seq = last.seq
    await writeFeatureCursor(ctx.db, place, seq)
  }
}
