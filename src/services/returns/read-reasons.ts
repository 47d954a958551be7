import type { Intake } from '#contracts/intake.ts'
import type { Context } from '#context.ts'
import { accept, type Outcome } from '#kernel/outcome.ts'

/** What the customers' notes are about, by one call for the batch. Only the cluster is kept in the clear; a note is sealed. */
export async function readReasons(
  ctx: Pick<Context, 'text'>,
  notes: readonly (string | undefined)[],
  outcomes: readonly Outcome<Intake>[],
): Promise<Outcome<Intake>[]> {
  const places = outcomes.flatMap((outcome, i) => {
    const isNew = outcome.ok && outcome.value.known === null
    return isNew && notes[i] !== undefined && notes[i].trim() !== '' ? i : []
  })
  if (places.length === 0) return [...outcomes]
  const read = await ctx.text.reasonOf(places.map((place) => notes[place]!))
  if (read.length !== places.length) throw new Error(`${places.length} notes, ${read.length} answers`)
  const clusters = new Map(places.map((place, i) => [place, read[i]!.cluster]))
  return outcomes.map((outcome, i) =>
    outcome.ok ? accept({ ...outcome.value, reasonCluster: clusters.get(i) ?? null }) : outcome,
  )
}
