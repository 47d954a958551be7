import type { Statement } from './port.ts'

/**
 * Named writes and a last statement as one, in the order given: each write is a common table expression whose rows are counted
 * before the last one begins. All see the state before the first of them, so no two may touch the same row.
 */
export function combine(writes: readonly Statement[], last: Statement): Statement {
  const values: unknown[] = []
  const names: string[] = []
  const placed = ({ name, text, values: own = [] }: Statement): string => {
    if (name === undefined) throw new Error(`only named statements can be combined: ${text}`)
    const offset = values.length
    names.push(name)
    values.push(...own)
    return text.replaceAll(/\$(\d+)/g, (_, n: string) => `$${Number(n) + offset}`)
  }
  const parts = writes.map((write, i) => `w${i} as (${placed(write)} returning 1)`)
  const counts = writes.map((_, i) => `(select count(*) from w${i})`)
  const text = `with ${parts.join(',\n')}
    select case when ${counts.join(' + ')} >= 0 then (${placed(last)}) end`
  return { name: nameOf(names), text, values }
}

/** The server cuts names at 63 bytes, so that each combination gets a number. */
const shortNames = new Map<string, string>()

function nameOf(names: readonly string[]): string {
  const long = names.join('+')
  const known = shortNames.get(long)
  if (known !== undefined) return known
  const short = `combined_${shortNames.size}`
  shortNames.set(long, short)
  return short
}
