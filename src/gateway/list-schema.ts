import { z } from 'zod'
import { limits } from '#contracts/common.ts'
import type { FieldKind, FilterOperator, ListFields } from '#contracts/lists.ts'

export const operators: Readonly<Record<FieldKind, readonly FilterOperator[]>> = {
  text: ['eq', 'in', 'contains'],
  code: ['eq', 'in', 'contains'],
  id: ['eq', 'in'],
  time: ['eq', 'gte', 'gt', 'lte', 'lt'],
  number: ['eq', 'in', 'gte', 'gt', 'lte', 'lt'],
  boolean: ['eq'],
}
export const valuesMax = 100

const plain = String.raw`[^\x00-\x1f\x7f-\x9f,]{0,200}`
const day = String.raw`(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])`
const one: Readonly<Record<FieldKind, string>> = {
  text: plain,
  code: plain,
  id: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  time: String.raw`${day}(T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ)?`,
  number: String.raw`-?\d{1,15}`,
  boolean: '(true|false)',
}

const among = (values: readonly string[]) =>
  `(${values.map((value) => value.replaceAll(/[.*+?^$()|[\]{}\\]/g, String.raw`\$&`)).join('|')})`

/** What a filter takes, as a pattern for the document. The parser is a little kinder (leap days, other zones). */
function patternOf(kind: FieldKind, values: readonly string[] | undefined): string {
  const value = values === undefined ? one[kind] : among(values)
  const single = operators[kind].filter((operator) => operator !== 'in' && operator !== 'contains')
  const ways = [`((${single.join('|')}):)?${value}`]
  if (operators[kind].includes('in')) ways.push(`in:${value}(,${value}){0,${valuesMax - 1}}`)
  if (operators[kind].includes('contains')) ways.push(`contains:${plain}`)
  return `^(${ways.join('|')})$`
}

/**
 * Documentation of the parameters that the list of these fields takes, and of what its rows can show besides; they are
 * parsed by `parseList`, which names the nearest that there is. So the patterns are told and not checked here.
 */
export function listQuerySchema(fields: ListFields, includes: Readonly<Record<string, string>> = {}) {
  const sortable = Object.keys(fields).filter((field) => fields[field]!.isSortable)
  const filters = Object.entries(fields).map(([field, { kind, values }]) => {
    const says = `\`value\` or \`operator:value\` with ${operators[kind].join(', ')}`
    const which = values === undefined ? '' : `; one of ${values.join(', ')}`
    const value = z.string().meta({ pattern: patternOf(kind, values) })
    const schema = z.union([value, z.array(value)]).optional()
    return [`filter[${field}]`, schema.meta({ description: `A ${kind}: ${says}${which}` })] as const
  })
  const sort = among([...sortable, 'id'])
  const offered = Object.keys(includes)
  return z.looseObject({
    ...Object.fromEntries(filters),
    sort: z
      .string()
      .meta({ pattern: `^(-?${sort}(,-?${sort}){0,9})?$` })
      .optional()
      .meta({ description: `By commas, \`-\` for descending: ${sortable.join(', ')}` }),
    limit: z
      .string()
      .meta({ pattern: '^([1-9][0-9]?|1[0-9][0-9]|200)$' })
      .optional()
      .meta({ description: `1 to ${limits.pageItems}, 50 when absent` }),
    cursor: z
      .string()
      .optional()
      .meta({ description: '`page.nextCursor` of the page before, with the same filter and sort' }),
    includeTotal: z
      .string()
      .meta({ pattern: '^(exact|estimate)$' })
      .optional()
      .meta({ description: '`exact` or `estimate`' }),
    ...(offered.length > 0 && {
      include: z
        .string()
        .meta({ pattern: `^(${among(offered)}(,${among(offered)}){0,${offered.length}})?$` })
        .optional()
        .meta({
          description: `By commas: ${Object.entries(includes)
            .map(([name, says]) => `\`${name}\` ${says}`)
            .join('; ')}`,
        }),
    }),
  })
}
