import { importLimits } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import { columnKey } from './column-key.ts'
import type { RawRow, RecordSplitter } from './csv-records.ts'

/** Splits text into lines of one JSON object each; its values are put under the given dotted keys, in their order. */
export function splitJsonLines(keys: readonly string[]): RecordSplitter {
  const wanted = keys.map(columnKey)
  let rest = ''
  let line = 1

  function take(text: string, isEnd: boolean): RawRow[] {
    const buffer = rest === '' ? text : rest + text
    const rows: RawRow[] = []
    let at = 0
    while (at < buffer.length) {
      let newline = buffer.indexOf('\n', at)
      if (newline < 0) {
        if (!isEnd) break
        newline = buffer.length
      }
      const content = buffer.slice(at, newline).trim()
      if (content !== '') rows.push(readLine(content, line, wanted))
      line += 1
      at = newline + 1
    }
    rest = buffer.slice(at)
    if (rest.length > importLimits.recordChars) {
      const detail = `line ${line} is longer than ${importLimits.recordChars} characters: one JSON object a line is read`
      throw new AppError('invalid', detail, { problem: 'record_too_long' })
    }
    return rows
  }

  return { push: (text) => take(text, false), end: () => take('', true) }
}

function readLine(content: string, line: number, wanted: readonly string[]): RawRow {
  const nextLine = line + 1
  const fail = (reason: string): RawRow => ({ line, nextLine, values: [], fault: { code: 'json_broken', reason } })
  let parsed: unknown
  try {
    parsed = JSON.parse(content)
  } catch (error) {
    return fail(`no JSON: ${error instanceof Error ? error.message : String(error)}`.slice(0, 200))
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return fail('one JSON object a line is read')
  const flat = new Map([...flatten(parsed)].map(([key, value]) => [columnKey(key), value]))
  return { line, nextLine, values: wanted.map((key) => flat.get(key) ?? ''), fault: null }
}

const depthMax = 4

/** `{ customer: { name } }` → `customer.name`. Money objects stay whole amounts under `price.amount`. */
export function flatten(value: object): Map<string, string> {
  const out = new Map<string, string>()
  const visit = (prefix: string, inner: object, depth: number): void => {
    for (const [key, item] of Object.entries(inner)) {
      const path = prefix === '' ? key : `${prefix}.${key}`
      if (item === null || item === undefined) continue
      if (typeof item !== 'object') out.set(path, String(item))
      else if (Array.isArray(item) || depth >= depthMax) out.set(path, JSON.stringify(item))
      else visit(path, item as object, depth + 1)
    }
  }
  visit('', value, 1)
  return out
}
