import type { Actor, Context } from '#context.ts'
import { readNames } from '#platform/auth/store.ts'

type Done = { readonly by: string | null }

/** Who did each of these, by name. Only people are told: a client's key has no use for the names of our staff. */
export async function withNames<T extends Done>(
  db: Context['db'],
  actor: Actor,
  entries: readonly T[],
): Promise<(T & { byName: string | null })[]> {
  const ids = actor.kind === 'user' ? [...new Set(entries.flatMap(({ by }) => by ?? []))] : []
  const names = ids.length === 0 ? new Map<string, string>() : await readNames(db, ids)
  return entries.map((entry) => ({ ...entry, byName: names.get(entry.by ?? '') ?? null }))
}
