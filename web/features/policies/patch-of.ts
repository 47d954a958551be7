type Members = Readonly<Record<string, unknown>>
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type Patch =
  | { readonly patch: Members; readonly fault: null }
  | { readonly patch: null; readonly fault: 'empty' | 'json' }

/** The chosen values, and the text of other parts beside them, as one merge patch by file. */
export function patchOf(
  chosen: readonly string[],
  values: Readonly<Record<string, number | string>>,
  others: string,
): Patch {
  const given = chosen.filter((id) => values[id] !== undefined && values[id] !== '')
  const parameters = Object.fromEntries(given.map((id) => [id, { value: Number(values[id]) }]))
  let beside: unknown = {}
  if (others.trim() !== '') {
    try {
      beside = JSON.parse(others)
    } catch {
      return { patch: null, fault: 'json' }
    }
    if (!isMembers(beside)) return { patch: null, fault: 'json' }
  }
  const patch = merged(beside as Members, given.length === 0 ? {} : { policy: { parameters } })
  return Object.keys(patch).length === 0 ? { patch: null, fault: 'empty' } : { patch, fault: null }
}

function merged(one: Members, other: Members): Members {
  const result: Record<string, unknown> = { ...one }
  for (const [name, value] of Object.entries(other)) {
    const own = result[name]
    result[name] = isMembers(own) && isMembers(value) ? merged(own, value) : value
  }
  return result
}
