import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { openTestApp } from '../support/app.ts'

type Operation = { operationId: string; summary?: string; responses: Record<string, unknown>; requestBody?: unknown }

test('the OpenAPI document tells the whole API', async (t) => {
  const app = await openTestApp(t)
  const answer = await app.call('GET', '/api/openapi.json')
  assert.equal(answer.status, 200)
  const document = answer.body
  const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, byMethod]) => Object.entries(byMethod).map(([method, operation]) => ({ path, method, operation })),
  )
  assert.equal(document.openapi, '3.1.0')
  assert.equal(new Set(operations.map((o) => o.operation.operationId)).size, operations.length)
  for (const { path, method, operation } of operations) {
    assert.ok(operation.summary, `${method} ${path} has a summary`)
    assert.ok(
      ['400', '429', '500', '503'].every((status) => status in operation.responses),
      `${method} ${path} tells its errors`,
    )
    assert.ok(
      Object.keys(operation.responses).some((status) => /^(2|303)/.test(status)),
      `${method} ${path} tells its success`,
    )
  }

  await t.test('edits tell If-Match, lists their filters', () => {
    const parameters = (method: string, path: string) =>
      (document.paths[path][method].parameters as { name: string; required?: boolean }[]).map(
        ({ name, required }) => `${name}${required === true ? '!' : ''}`,
      )
    assert.ok(parameters('put', '/api/hubs/{id}').includes('If-Match!'))
    assert.ok(parameters('post', '/api/returns/{id}/receive').includes('If-Match'))
    assert.ok(!parameters('post', '/api/returns').some((name) => name.startsWith('If-Match')))
    for (const name of ['filter[stage]', 'filter[createdAt]', 'sort', 'limit', 'cursor', 'includeTotal', 'include'])
      assert.ok(parameters('get', '/api/returns').includes(name), name)
  })

  await t.test('every route of the brief is in it', () => {
    const brief = [
      'post /api/returns',
      'get /api/returns',
      'get /api/returns/{id}',
      'put /api/returns/{id}',
      'delete /api/returns/{id}',
      'post /api/ai/recommend',
      'get /api/ai/models',
      'post /api/ai/feedback',
      'get /api/hubs',
      'get /api/hubs/{id}',
      'put /api/hubs/{id}',
      'get /api/hubs/{id}/capacity',
      'post /api/hubs/assign',
      'get /api/analytics/dashboard',
      'get /api/analytics/trends',
      'get /api/analytics/esg',
      'post /api/analytics/reports',
      'post /api/quality/check',
      'get /api/quality/{id}',
      'put /api/quality/{id}',
      'get /api/workflow/{id}',
      'put /api/workflow/{id}/stage',
      'get /api/workflow/pending',
    ]
    const there = operations.map((o) => `${o.method} ${o.path}`)
    assert.deepEqual(
      brief.filter((route) => !there.includes(route)),
      [],
    )
  })

  await t.test('references lead somewhere and examples are valid', () => {
    const { schemas } = document.components
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      assert.ok(Object.hasOwn(schemas as object, name ?? ''), name)
    const ajv = new Ajv2020({ strict: false, validateFormats: false, schemas: [{ $id: 'doc', ...document }] })
    let examples = 0
    for (const [name, schema] of Object.entries(schemas as Record<string, { examples?: unknown[] }>)) {
      for (const example of schema.examples ?? []) {
        examples += 1
        const isValid = ajv.validate({ $ref: `doc#/components/schemas/${name}` }, example)
        assert.ok(isValid, `${name}: ${ajv.errorsText()}`)
      }
    }
    assert.ok(examples >= 8)
  })

  await t.test('every JSON body has an example', () => {
    const { schemas } = document.components
    const hasExample = (schema: unknown): boolean => {
      const text = JSON.stringify(schema)
      const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!)
      return /"examples?":/.test(text) || names.some((name) => /"examples?":/.test(JSON.stringify(schemas[name])))
    }
    for (const { path, method, operation } of operations) {
      const body = (operation.requestBody as { content: Record<string, unknown> } | undefined)?.content[
        'application/json'
      ]
      if (body !== undefined) assert.ok(hasExample(body), `${method} ${path} shows a body`)
    }
  })

  await t.test('the try-it page is ours alone', async () => {
    const page = await app.call('GET', '/api/docs/')
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.text, /src="https?:/)
  })
})
