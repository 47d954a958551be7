import { AsyncLocalStorage } from 'node:async_hooks'

/** Whose rows the statements of a caller may touch; `null` means all. */
export type Bounds = { readonly clientIds: readonly string[] | null; readonly hubIds: readonly string[] | null }

/** Bounds as a connection is told them; `null` where nothing is bound. */
export type Scope = { readonly key: string; readonly clients: string; readonly hubs: string } | null

const storage = new AsyncLocalStorage<Scope>()
/** Who asks stays the same object for a second or so: the text of its bounds is made once. */
const known = new WeakMap<Bounds, Scope>()

function listed(ids: readonly string[] | null): string {
  return ids === null ? '*' : `{${ids.toSorted().join(',')}}`
}

export function scopeOf(bounds: Bounds): Scope {
  if (bounds.clientIds === null && bounds.hubIds === null) return null
  const before = known.get(bounds)
  if (before !== undefined) return before
  const [clients, hubs] = [listed(bounds.clientIds), listed(bounds.hubIds)]
  const scope = { key: `${clients}|${hubs}`, clients, hubs }
  known.set(bounds, scope)
  return scope
}

/** Runs `work`, and all that it starts, with the rows of these bounds only. */
export function inScope<T>(bounds: Bounds, work: () => T): T {
  return storage.run(scopeOf(bounds), work)
}

/** For work that has judged by itself who may do what: batches of several callers, assignments between hubs. */
export function inScopeOfAll<T>(work: () => T): T {
  return storage.run(null, work)
}

/** What the statements of this moment are bound to. Work that nobody asked for, like a job, is bound to nothing. */
export function currentScope(): Scope {
  return storage.getStore() ?? null
}
