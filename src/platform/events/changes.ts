import type { AuditChange } from '#contracts/audit.ts'

/** What a record changed: its fields beside those that the object had before, by the earlier records of its stream. */

type Payload = Readonly<Record<string, unknown>>

const depthMax = 3
const metaFields = new Set(['by', 'requestId'])
/** Ciphertext says nothing to a reader, and a packed body nothing that a person can compare. */
const isSealed = (field: string) => /(^|\.)\w*[sS]ealed$/.test(field)

/** Fields by their path; lists are values. */
function flat(payload: Payload, prefix = '', depth = 1): [string, unknown][] {
  return Object.entries(payload).flatMap(([name, value]): [string, unknown][] => {
    if (depth === 1 && metaFields.has(name)) return []
    const path = prefix + name
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && depth < depthMax ? flat(value as Payload, `${path}.`, depth + 1) : [[path, value]]
  })
}

const shown = (path: string, value: unknown) => (isSealed(path) && value !== null ? 'sealed' : value)

export function changesOf(earlier: readonly Payload[], payload: Payload): AuditChange[] {
  const before = new Map(earlier.flatMap((one) => flat(one)))
  return flat(payload).flatMap(([field, after]): AuditChange[] => {
    const known = before.get(field) ?? null
    if (JSON.stringify(known) === JSON.stringify(after ?? null)) return []
    return [{ field, before: shown(field, known), after: shown(field, after ?? null) }]
  })
}
