import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../support/app.ts'
import { givenTenants, markOf, type Tenant } from '../support/tenants.ts'

type Method = Parameters<Call>[0]
type Schema = {
  readonly $ref?: string
  readonly properties?: Record<string, Schema>
  readonly items?: Schema
  readonly additionalProperties?: unknown
  readonly examples?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly type?: unknown
}
type Operation = {
  readonly 'x-permission': string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema; readonly example?: unknown }> }
}
type Document = {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Schema> }
}
type Route = { readonly method: Method; readonly path: string; readonly operation: Operation }

const routesOf = (document: Document): Route[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase() as Method,
      path,
      operation,
    })),
  )

/** Which of a tenant's ids a path takes. A path that is not here fails the test: say whose objects it is about. */
const idsByPath: readonly (readonly [RegExp, keyof Tenant | null])[] = [
  [/^\/api\/(audit\/)?returns\//, 'returnId'],
  [/^\/api\/workflow\//, 'returnId'],
  // Rubrics are everybody's, and so are mappings, models, classes of retention, login providers and records by number.
  [/^\/api\/quality\/rubrics\//, null],
  [/^\/api\/(import-mappings|ai\/models|privacy\/retention|auth\/company|audit\/records)\//, null],
  [/^\/api\/dispositions\//, 'dispositionId'],
  [/^\/api\/hubs\//, 'hubId'],
  [/^\/api\/products\//, 'productId'],
  [/^\/api\/clients\//, 'clientId'],
  [/^\/api\/files\//, 'fileId'],
  [/^\/api\/(jobs|imports|dead-letters)\//, 'jobId'],
  [/^\/api\/webhooks\//, 'webhookId'],
  [/^\/api\/api-keys\//, 'keyId'],
  [/^\/api\/users\//, 'userId'],
  [/^\/api\/auth\/sessions\//, 'sessionId'],
  [/^\/api\/privacy\/people\//, 'personId'],
]
/** What a caller bound to a hub, but to no client, may see of others: what is no hub's. */
const ofNoHub = new Set<keyof Tenant>(['productId', 'clientId', 'jobId', 'webhookId', 'keyId', 'personId'])

function idFor({ method, path }: Route): keyof Tenant | null {
  if (path === '/api/quality/{id}') return method === 'GET' ? 'returnId' : 'checkId'
  const found = idsByPath.find(([pattern]) => pattern.test(path))
  assert.ok(found, `whose objects is ${method} ${path} about?`)
  return found[1]
}

const resolved = (document: Document, schema: Schema): Schema =>
  schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!

function bodyOf(document: Document, { operation }: Route): { schema: Schema; example: unknown } | null {
  const content = operation.requestBody?.content['application/json']
  if (content === undefined) return null
  const schema = resolved(document, content.schema)
  const example = content.example ?? schema.examples?.[0]
  return { schema, example: example ?? {} }
}

const nobody = '01920000-0000-7000-8000-00000000dead'
const secretsOf = (tenant: Tenant) => [...Object.values(tenant), markOf('other')]

test("another's object is not found, on every route that takes an id (row 46)", async (t) => {
  const { app, other, callers } = await givenTenants(t)
  const document = (await app.call('GET', '/api/openapi.json')).body as Document
  const routes = routesOf(document).filter(
    ({ path, operation }) => path.includes('{') && operation['x-permission'] !== 'public',
  )
  const state = async () => {
    const rows = await app.ctx.db.query<{ n: number; v: number }>(
      `select (select count(*) from events where stream not like 'access-%') as n, (select sum(version) from return_items) + (select sum(version) from hubs)
         + (select sum(version) from products) + (select sum(version) from clients) + (select sum(version) from webhooks) as v`,
    )
    return rows[0]
  }
  const before = await state()
  let asked = 0
  for (const { name, call, bounds } of callers) {
    for (const route of routes) {
      const kind = idFor(route)
      if (kind === null || (bounds === 'hub' && ofNoHub.has(kind))) continue
      const url = route.path.replace(/\{id\}/, other[kind]).replaceAll(/\{\w+\}/g, other.returnId)
      const body = bodyOf(document, route)?.example
      const answer = await call(route.method, url, route.method === 'GET' ? undefined : body, { 'if-match': '"1"' })
      asked += 1
      const says = `${name} ${route.method} ${route.path} answered ${answer.status} ${answer.text.slice(0, 200)}`
      assert.ok(answer.status === 404 || answer.status === 403, says)
      if (answer.status === 403) assert.equal(answer.body.code, 'permission_missing', says)
      assert.ok(!answer.text.includes(markOf('other')), says)
    }
  }
  assert.ok(asked > 250, `${asked} asked`)
  assert.deepEqual(await state(), before, 'and nothing was changed')
})

test('no list, filter or query shows more than the own (row 46)', async (t) => {
  const { app, mine, other, callers } = await givenTenants(t)
  const document = (await app.call('GET', '/api/openapi.json')).body as Document
  const lists = routesOf(document).filter(
    ({ method, path, operation }) => method === 'GET' && !path.includes('{') && operation['x-permission'] !== 'public',
  )
  const secrets = secretsOf(other)
  let asked = 0
  for (const { name, call, bounds } of callers) {
    for (const { path, operation } of lists) {
      if (bounds === 'hub' && /^\/api\/(clients|products|jobs)/.test(path)) continue
      const names = (operation.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name)
      const queries = ['', 'limit=200']
      for (const field of names) {
        if (/client/i.test(field))
          queries.push(`${field}=${other.clientId}`, `${field}=in:${mine.clientId},${other.clientId}`)
        else if (/hub/i.test(field)) queries.push(`${field}=${other.hubId}`, `${field}=in:${mine.hubId},${other.hubId}`)
        else if (/\[id\]/.test(field))
          queries.push(`${field}=in:${other.returnId},${other.hubId},${other.productId},${other.clientId}`)
        else if (/title|name|description/.test(field)) queries.push(`${field}=contains:${markOf('other')}`)
      }
      for (const query of queries) {
        const answer = await call('GET', query === '' ? path : `${path}?${query}`)
        asked += 1
        // A refusal may repeat what was asked for.
        if (answer.status >= 400) continue
        if (path.startsWith('/api/analytics/') && query.includes('=') && !query.startsWith('limit')) {
          // Figures repeat what they were asked for in their links; else they are those of a client or hub that is not there.
          const [field = '', id = ''] = query.split('=')
          if (id.includes(',')) continue
          const unknown = await call('GET', `${path}?${field}=${nobody}`)
          const timeless = (text: string) => text.replaceAll(/"asOf":"[^"]*"/g, '')
          assert.equal(
            timeless(answer.text.replaceAll(id, nobody)),
            timeless(unknown.text),
            `${name} GET ${path}?${query}`,
          )
          continue
        }
        const found = secrets.filter((secret) => answer.text.includes(secret))
        assert.deepEqual(found, [], `${name} GET ${path}?${query}`)
      }
    }
  }
  assert.ok(asked > 300, `${asked} asked`)
})

test("nothing can be put into or done to another's by naming it in a body", async (t) => {
  const { app, mine, other, callers } = await givenTenants(t)
  const document = (await app.call('GET', '/api/openapi.json')).body as Document
  const fields = [
    'clientId',
    'hubId',
    'returnId',
    'recommendationId',
    'productId',
    'dispositionId',
    'personId',
  ] as const
  const writes = routesOf(document).filter(
    ({ method, path, operation }) => method === 'POST' && !path.includes('{') && operation['x-permission'] !== 'public',
  )
  const count = async () => {
    const rows = await app.ctx.db.query<{ n: number }>(
      `select (select count(*) from return_items where client_id = $1) + (select count(*) from products where client_id = $1)
         + (select count(*) from jobs where client_id = $1) + (select count(*) from webhooks where client_id = $1)
         + (select count(*) from api_keys where client_id = $1) + (select count(*) from files where client_id = $1)
         + (select count(*) from events where stream = 'return-' || $2) + (select used_capacity from hub_capacity where hub_id = $3) as n`,
      [other.clientId, other.returnId, other.hubId],
    )
    return rows[0]!.n
  }
  const before = await count()
  let asked = 0
  for (const { name, call, bounds } of callers) {
    if (bounds === 'hub') continue
    for (const route of writes) {
      const body = bodyOf(document, route)
      const known = fields.filter((field) => body?.schema.properties?.[field] !== undefined)
      if (body === null || known.length === 0) continue
      for (const field of known) {
        const own = Object.fromEntries(known.map((f) => [f, mine[f]]))
        const answer = await call('POST', route.path, { ...(body.example as object), ...own, [field]: other[field] })
        asked += 1
        const says = `${name} POST ${route.path} with ${field} answered ${answer.status} ${answer.text.slice(0, 200)}`
        assert.ok(answer.status >= 400 && answer.status < 500, says)
        assert.ok(!answer.text.includes(markOf('other')), says)
      }
    }
  }
  assert.ok(asked > 20, `${asked} asked`)
  assert.equal(await count(), before)
})

test('a body takes only the fields that it names: no mass assignment (row 45)', async (t) => {
  const { app, mine } = await givenTenants(t)
  const document = (await app.call('GET', '/api/openapi.json')).body as Document
  const admin = await app.as('admin')
  const extra = {
    isDemo: true,
    version: 99,
    tokenEpoch: 1,
    createdBy: 'me',
    permissions: ['users:manage'],
    passwordHash: 'x',
    stage: 'completed',
  }
  let asked = 0
  for (const route of routesOf(document)) {
    const body = bodyOf(document, route)
    if (body === null || route.operation['x-permission'] === 'public') continue
    const kinds = [body.schema, ...(body.schema.anyOf ?? []), ...(body.schema.oneOf ?? [])].map((s) =>
      resolved(document, s),
    )
    for (const kind of kinds.filter(({ properties }) => properties !== undefined)) {
      assert.equal(kind.additionalProperties, false, `${route.method} ${route.path}: fields that nobody named`)
      for (const [field, value] of Object.entries(extra)) {
        if (kind.properties![field] !== undefined) continue
        const url = route.path.replaceAll(/\{\w+\}/g, mine.returnId)
        const answer = await admin(
          route.method,
          url,
          { ...(body.example as object), [field]: value },
          { 'if-match': '"1"' },
        )
        asked += 1
        // Some paths take another kind of id: that is refused before the body.
        assert.equal(answer.status, 400, `${route.method} ${route.path} with ${field} answered ${answer.status}`)
      }
    }
  }
  assert.ok(asked > 100, `${asked} asked`)
})
