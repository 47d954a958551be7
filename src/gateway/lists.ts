import { createHmac, hash, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '#contracts/common.ts'
import type { FieldKind, Filter, FilterOperator, ListFields, ListPage, ListQuery, Sort } from '#contracts/lists.ts'
import { AppError, type FieldError } from '#kernel/errors.ts'
import { UUID } from '#kernel/ids.ts'
import { nearest } from '#kernel/nearest.ts'
import { recent, type Recent } from '#kernel/recent.ts'
import { operators, valuesMax } from './list-schema.ts'

export { listQuerySchema } from './list-schema.ts'

const checks: Readonly<Record<FieldKind, (value: string) => boolean>> = {
  text: (value) => value.length <= 200 && !/\p{Cc}|\p{Cs}/u.test(value),
  code: (value) => value.length <= 200 && !/\p{Cc}|\p{Cs}/u.test(value),
  id: (value) => UUID.test(value),
  time: (value) => /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(value) && !Number.isNaN(Date.parse(value)),
  number: (value) => /^-?\d{1,15}$/.test(value),
  boolean: (value) => value === 'true' || value === 'false',
}

/** Parses a list's query; every unknown or wrong parameter is named at once, with the nearest that exists. */
export function parseList(
  query: unknown,
  fields: ListFields,
  cursorKey: KeyObject,
  includes: Readonly<Record<string, string>> = {},
): ListQuery {
  const errors: FieldError[] = []
  const filters: Filter[] = []
  const given = query as Record<string, string | string[]>
  const offered = Object.keys(includes)
  const known = [
    'sort',
    'limit',
    'cursor',
    'includeTotal',
    ...(offered.length > 0 ? ['include'] : []),
    ...Object.keys(fields).map((field) => `filter[${field}]`),
  ]
  for (const [name, value] of Object.entries(given)) {
    const pointer = `/query/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!known.includes(name)) {
      errors.push({
        pointer,
        code: 'parameter_unknown',
        detail: `no such parameter: ${name.slice(0, 80)}; the nearest is ${nearest(name, known)}`,
      })
      continue
    }
    if (!name.startsWith('filter[')) continue
    const field = name.slice('filter['.length, -1)
    for (const text of Array.isArray(value) ? value : [value]) {
      const filter = parseFilter(field, text, fields, pointer, errors)
      if (filter !== null) filters.push(filter)
    }
  }
  const sort = parseSort(one(given['sort']), fields, errors)
  const limit = parseLimit(one(given['limit']), errors)
  const total = parseTotal(one(given['includeTotal']), errors)
  const include = offered.length > 0 ? parseInclude(one(given['include']), offered, errors) : []
  const after = parseCursor(one(given['cursor']), filters, sort, cursorKey, errors)
  if (errors.length > 0)
    throw new AppError('invalid', errors.map((e) => e.detail).join('; '), { problem: 'query_invalid', errors })
  return { filters, sort, limit, after, total, include }
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function parseFilter(
  field: string,
  text: string,
  fields: ListFields,
  pointer: string,
  errors: FieldError[],
): Filter | null {
  const { kind, values: allowed } = fields[field]!
  const match = /^(eq|in|gte|gt|lte|lt|contains):(.*)$/s.exec(text)
  const operator = (match?.[1] ?? 'eq') as FilterOperator
  const rest = match?.[2] ?? text
  const values = operator === 'in' ? rest.split(',') : [rest]
  const say = (code: string, detail: string) => {
    errors.push({ pointer, code, detail })
    return null
  }
  if (!operators[kind].includes(operator))
    return say('operator_unknown', `${field} takes ${operators[kind].join(', ')}, not ${operator}`)
  if (values.length > valuesMax) return say('too_many_values', `${field} takes at most ${valuesMax} values`)
  for (const value of values) {
    if (!checks[kind](value))
      return say('value_invalid', `${field} is a ${kind}; got ${JSON.stringify(value.slice(0, 80))}`)
    if (allowed !== undefined && operator !== 'contains' && !allowed.includes(value)) {
      return say(
        'value_unknown',
        `${field} has no value ${JSON.stringify(value.slice(0, 80))}; the nearest is ${nearest(value, allowed)}`,
      )
    }
  }
  return { field, operator, values }
}

function parseSort(text: string | undefined, fields: ListFields, errors: FieldError[]): Sort[] {
  if (text === undefined || text === '') return []
  const sortable = Object.keys(fields).filter((field) => fields[field]!.isSortable)
  return text.split(',').flatMap((part) => {
    const field = part.replace(/^-/, '')
    if (field === 'id') return []
    if (!sortable.includes(field)) {
      errors.push({
        pointer: '/query/sort',
        code: 'sort_unknown',
        detail: `cannot sort by ${field.slice(0, 80)}; the nearest is ${nearest(field, sortable)}`,
      })
      return []
    }
    return [{ field, direction: part.startsWith('-') ? ('desc' as const) : ('asc' as const) }]
  })
}

function parseLimit(text: string | undefined, errors: FieldError[]): number {
  if (text === undefined) return 50
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= limits.pageItems) return limit
  errors.push({ pointer: '/query/limit', code: 'limit_invalid', detail: `limit is 1 to ${limits.pageItems}` })
  return 50
}

function parseTotal(text: string | undefined, errors: FieldError[]): ListQuery['total'] {
  if (text === undefined) return 'none'
  if (text === 'exact' || text === 'estimate') return text
  errors.push({ pointer: '/query/includeTotal', code: 'value_unknown', detail: 'includeTotal is exact or estimate' })
  return 'none'
}

function parseInclude(text: string | undefined, offered: readonly string[], errors: FieldError[]): readonly string[] {
  const asked = text === undefined || text === '' ? [] : text.split(',')
  for (const name of asked) {
    if (offered.includes(name)) continue
    const detail = `nothing to include is called ${name.slice(0, 80)}; the nearest is ${nearest(name, offered)}`
    errors.push({ pointer: '/query/include', code: 'include_unknown', detail })
  }
  return asked
}

/** A cursor belongs to its filter and sort: with another one it would skip rows without a word. */
function binding(filters: readonly Filter[], sort: readonly Sort[]): string {
  return hash('sha256', JSON.stringify([filters, sort]), 'base64url').slice(0, 16)
}

function sign(payload: string, key: KeyObject): Buffer {
  return createHmac('sha256', key).update(payload).digest().subarray(0, 12)
}

function parseCursor(
  text: string | undefined,
  filters: readonly Filter[],
  sort: readonly Sort[],
  key: KeyObject,
  errors: FieldError[],
): readonly (string | null)[] | null {
  if (text === undefined) return null
  const wrong = () => {
    errors.push({
      pointer: '/query/cursor',
      code: 'cursor_invalid',
      detail: 'the cursor is not one of ours, or of another filter or sort: start from the first page',
    })
    return null
  }
  const [payload = '', signature = ''] = text.split('.')
  const given = Buffer.from(signature, 'base64url')
  const expected = sign(payload, key)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return wrong()
  const { b, k } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { b: string; k: (string | null)[] }
  return b === binding(filters, sort) ? k : wrong()
}

type Next = Pick<ListPage<unknown>, 'next' | 'total'>
type Turn = { readonly nextCursor: string; readonly link: string }

/** Next pages by address and last row, lately made: first pages are asked for again and again. */
const turnsMax = 1000
const turnsMs = 60_000
const turns = new WeakMap<KeyObject, Recent<Turn>>()

function turnTo(url: string, query: ListQuery, next: readonly (string | null)[], key: KeyObject): Turn {
  const known = turns.get(key) ?? recent<Turn>(turnsMax, turnsMs, Date.now)
  turns.set(key, known)
  const last = JSON.stringify(next)
  const name = `${url} ${last}`
  const found = known.get(name)
  if (found !== undefined) return found
  const payload = Buffer.from(`{"b":"${binding(query.filters, query.sort)}","k":${last}}`).toString('base64url')
  const nextCursor = `${payload}.${sign(payload, key).toString('base64url')}`
  const address = new URL(url, 'http://x')
  address.searchParams.set('cursor', nextCursor)
  const turn = { nextCursor, link: `<${address.pathname}${address.search}>; rel="next"` }
  known.set(name, turn)
  return turn
}

/** What stands beside the rows of a page; the next one is told by cursor and by Link. */
function pageInfo(request: FastifyRequest, reply: FastifyReply, query: ListQuery, page: Next, key: KeyObject) {
  const turn = page.next === null ? null : turnTo(request.url, query, page.next, key)
  if (turn !== null) reply.header('link', turn.link)
  const { total } = page
  return { nextCursor: turn?.nextCursor ?? null, limit: query.limit, ...(total === undefined ? {} : { total }) }
}

/** The page as it is answered. */
export function sendPage<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  query: ListQuery,
  page: ListPage<T>,
  key: KeyObject,
) {
  return reply.send({ data: page.data, page: pageInfo(request, reply, query, page, key) })
}

/** As `sendPage`, where the rows are the text of a JSON array already. */
export function sendJsonPage(
  request: FastifyRequest,
  reply: FastifyReply,
  query: ListQuery,
  page: Next & { readonly json: string },
  key: KeyObject,
) {
  const info = JSON.stringify(pageInfo(request, reply, query, page, key))
  // A Buffer goes out as it is; a string would be encoded and serialised once more.
  return reply.type('application/json; charset=utf-8').send(Buffer.from(`{"data":${page.json},"page":${info}}`))
}
