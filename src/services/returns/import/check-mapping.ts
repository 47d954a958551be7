import { createHash } from 'node:crypto'
import { importMappingSchema, type ImportMapping } from '#contracts/imports.ts'
import type { FieldError } from '#kernel/errors.ts'
import { nearest } from '#kernel/nearest.ts'
import { accept, reject, type Outcome } from '#kernel/outcome.ts'
import { timeFormatFault } from './parse-time.ts'
import { targetsOf } from './targets.ts'

/** A mapping that can be used, or everything that is wrong with it. */
export function checkMapping(input: unknown): Outcome<ImportMapping> {
  const parsed = importMappingSchema.safeParse(input)
  if (!parsed.success) {
    return refuse(
      parsed.error.issues.map((issue) => ({
        pointer: `/${issue.path.join('/')}`,
        code: issue.code,
        detail: issue.message,
      })),
    )
  }
  const errors = faultsOf(parsed.data)
  return errors.length === 0 ? accept(parsed.data) : refuse(errors)
}

function refuse(errors: FieldError[]): Outcome<never> {
  const [first] = errors
  return reject(
    'invalid',
    'mapping_invalid',
    `the mapping is not valid: ${first?.pointer ?? ''} ${first?.detail ?? ''}`,
    errors,
  )
}

function faultsOf(mapping: ImportMapping): FieldError[] {
  const targets = targetsOf[mapping.kind]
  const known = Object.keys(targets)
  const errors: FieldError[] = []
  const fail = (pointer: string, code: string, detail: string) => errors.push({ pointer, code, detail })
  for (const group of ['columns', 'constants'] as const) {
    for (const name of Object.keys(mapping[group])) {
      if (Object.hasOwn(targets, name)) continue
      fail(
        `/${group}/${name}`,
        'target_unknown',
        `no field "${name}" in ${mapping.kind}; the nearest is "${nearest(name, known)}"`,
      )
    }
  }
  for (const [name, rule] of Object.entries(mapping.columns)) {
    const at = `/columns/${name}`
    if ((rule.from === undefined) === (rule.join === undefined))
      fail(at, 'from_or_join', 'needs either "from" or "join"')
    if (name in mapping.constants) fail(at, 'column_and_constant', 'is both a column and a constant')
    if (targets[name]?.form === 'time' || targets[name]?.form === 'day') {
      const fault = timeFormatFault(rule.format ?? 'iso')
      if (fault !== null) fail(`${at}/format`, 'format_unknown', fault)
    } else if (rule.format !== undefined) fail(`${at}/format`, 'format_unused', 'only dates have a format')
    if (rule.ordinal === true && targets[name]?.isKey !== true)
      fail(`${at}/ordinal`, 'ordinal_unused', 'only keys are numbered')
    rule.match?.forEach((match, i) => {
      if ((match.startsWith === undefined) === (match.contains === undefined))
        fail(`${at}/match/${i}`, 'match_kind', 'needs either "startsWith" or "contains"')
    })
  }
  const given = (name: string) => name in mapping.columns || name in mapping.constants
  for (const name of known) {
    if (targets[name]!.isRequired === true && !(name in mapping.columns))
      fail(`/columns/${name}`, 'required', `${mapping.kind} need a column for "${name}"`)
  }
  if (given('price') && given('lineTotal'))
    fail('/columns/lineTotal', 'price_twice', 'give "price" or "lineTotal", not both')
  if (mapping.kind !== 'returns' && (mapping.rowFilter !== undefined || mapping.orderLines !== 'none')) {
    fail('/rowFilter', 'not_returns', 'only a file of returns tells returns from order lines')
  }
  if (mapping.orderLines !== 'none') {
    for (const name of ['orderLineRef', 'orderedAt'])
      if (!given(name)) fail(`/columns/${name}`, 'required', `order lines need "${name}"`)
  }
  return errors
}

/** The same rules have the same hash, whatever they are called. */
export function mappingHash(mapping: ImportMapping): string {
  const { name: _name, description: _description, ...rules } = mapping
  return createHash('sha256')
    .update(JSON.stringify(sorted(rules)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
