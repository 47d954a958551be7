import type { RefusedCell } from '#contracts/imports.ts'

export const errorsHeader = 'line,column,code,reason,value\r\n'

/** A table program must not take text for a formula: it begins with an apostrophe then. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function errorsCsv(refusals: readonly RefusedCell[]): string {
  return refusals
    .map((r) => `${[String(r.line), r.column, r.code, r.reason, r.value].map(cell).join(',')}\r\n`)
    .join('')
}
