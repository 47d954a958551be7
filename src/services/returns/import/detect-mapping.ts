import type { ImportMapping } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import { columnKey } from './column-key.ts'

type Fit = { readonly mapping: ImportMapping; readonly share: number }

/** Of the saved mappings the one whose columns the file has; two that fit equally well are a question for a person. */
export function detectMapping(mappings: readonly ImportMapping[], header: readonly string[]): ImportMapping {
  const columns = new Set(header.map(columnKey))
  const fits = mappings.flatMap((mapping) => fitOf(mapping, columns)).toSorted((a, b) => b.share - a.share)
  const [best, second] = fits
  const names = mappings.map((mapping) => mapping.name).join(', ')
  if (best === undefined || best.share < 0.5) {
    throw new AppError('unprocessable', `no saved mapping fits the header of this file; name one of: ${names}`, {
      problem: 'mapping_not_found',
    })
  }
  if (second !== undefined && second.share === best.share) {
    const detail = `both ${best.mapping.name} and ${second.mapping.name} fit this file; name the one that is meant`
    throw new AppError('unprocessable', detail, { problem: 'mapping_ambiguous' })
  }
  return best.mapping
}

/** The share of the file's columns that the mapping reads, where it finds all that it must have. */
function fitOf(mapping: ImportMapping, columns: ReadonlySet<string>): Fit[] {
  const read = new Set<string>()
  for (const rule of Object.values(mapping.columns)) {
    const names = rule.join ?? (typeof rule.from === 'string' ? [rule.from] : (rule.from ?? []))
    const found = names.map(columnKey).filter((key) => columns.has(key))
    const isEnough = rule.join === undefined ? found.length > 0 : found.length === rule.join.length
    if (!isEnough && rule.required === true) return []
    if (rule.join !== undefined && !isEnough) return []
    for (const key of found) read.add(key)
  }
  const wanted = Object.keys(mapping.columns).length
  return read.size === 0 ? [] : [{ mapping, share: (read.size / wanted + read.size / columns.size) / 2 }]
}
