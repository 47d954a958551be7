import { parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral, type inferParserType } from 'nuqs'
import { dispositions, grades, stages } from '../../../src/contracts/code-lists.ts'

export const sorts = ['newest', 'oldest', 'changed', 'value'] as const
export type ReturnSort = (typeof sorts)[number]

const sortFields: Readonly<Record<ReturnSort, string>> = {
  newest: '-createdAt',
  oldest: 'createdAt',
  changed: '-updatedAt',
  value: '-recommendedValueMinor',
}

/** The whole state of the list stands in the address, so that a link shows the same view. */
export const listParsers = {
  stage: parseAsArrayOf(parseAsStringLiteral(stages)).withDefault([]),
  disposition: parseAsArrayOf(parseAsStringLiteral(dispositions)).withDefault([]),
  grade: parseAsArrayOf(parseAsStringLiteral(grades)).withDefault([]),
  hub: parseAsArrayOf(parseAsString).withDefault([]),
  review: parseAsBoolean.withDefault(false),
  rma: parseAsString.withDefault(''),
  q: parseAsString.withDefault(''),
  sort: parseAsStringLiteral(sorts).withDefault('newest'),
  cursor: parseAsString,
}
export type ListState = inferParserType<typeof listParsers>

export const noFilters = {
  stage: null,
  disposition: null,
  grade: null,
  hub: null,
  review: null,
  rma: null,
  q: null,
  cursor: null,
} as const
export const pageRows = 100

export function isFiltered(state: ListState): boolean {
  return (
    state.stage.length + state.disposition.length + state.grade.length + state.hub.length > 0 ||
    state.review ||
    state.q !== '' ||
    state.rma !== ''
  )
}

/** Conditions in the words of the API that a figure links to; the list shows them as one chip. */
export function conditionsOf(query: URLSearchParams): readonly (readonly [string, string])[] {
  return [...query].filter(([name]) => /^filter\[\w+\]$/.test(name))
}

/** The same state in the words of the API (`filter[field]=operator:values`). */
export function apiQuery(state: ListState, conditions: readonly (readonly [string, string])[] = []): string {
  const query = new URLSearchParams()
  for (const [name, value] of conditions) query.append(name, value)
  if (state.stage.length > 0) query.set('filter[stage]', `in:${state.stage.join(',')}`)
  if (state.disposition.length > 0) query.set('filter[disposition]', `in:${state.disposition.join(',')}`)
  if (state.grade.length > 0) query.set('filter[grade]', `in:${state.grade.join(',')}`)
  if (state.hub.length > 0) query.set('filter[hubId]', `in:${state.hub.join(',')}`)
  if (state.review) query.set('filter[needsReview]', 'true')
  if (state.rma !== '') query.set('filter[rmaNumber]', state.rma)
  if (state.q !== '') query.set('filter[title]', `contains:${state.q}`)
  query.set('sort', sortFields[state.sort])
  query.set('limit', String(pageRows))
  if (state.cursor !== null) query.set('cursor', state.cursor)
  return query.toString()
}
