import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { openTestApp } from '../support/app.ts'
import { givenHub } from '../support/given.ts'

test('what holds for every path of the API', async (t) => {
  const page = (_: IncomingMessage, response: ServerResponse) => {
    response.end('a page')
    return Promise.resolve()
  }
  const app = await openTestApp(t, {}, page)
  const admin = await app.as('admin')

  await t.test('an unknown path is a problem document, whatever the method and the body', async () => {
    for (const [method, url] of [
      ['GET', '/api/nothing'],
      ['POST', '/api/nothing/at/all'],
      ['DELETE', '/api/v1/nothing'],
    ] as const) {
      const answer = await app.call(method, url, method === 'GET' ? undefined : { any: 'thing' })
      assert.equal(answer.status, 404, `${method} ${url}`)
      assert.equal(answer.body.code, 'route_unknown', `${method} ${url}`)
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    }
    assert.equal((await app.call('GET', '/nothing')).text, 'a page')
  })

  await t.test('a method that a path does not take is told which it takes', async () => {
    const put = await app.call('PUT', '/api/returns', { any: 'thing' })
    assert.deepEqual([put.status, put.body.code, put.headers['allow']], [405, 'method_not_allowed', 'GET, HEAD, POST'])
    const named = await app.call('GET', '/api/hubs/rebalance')
    assert.deepEqual([named.status, named.headers['allow']], [405, 'POST'], 'it is no hub')
    const patch = { method: 'PATCH', url: '/api/returns/x', headers: { 'content-type': 'application/json' } } as const
    const answer = await app.server.inject(patch)
    assert.deepEqual([answer.statusCode, answer.headers['allow']], [405, 'DELETE, GET, HEAD, PUT'])
  })

  await t.test('the program tells its version', async () => {
    const answer = await app.call('GET', '/api/version')
    assert.deepEqual(answer.body, { name: 'smartreturns', version: '0.1.0', api: 'v1' })
  })

  await t.test('an empty body is none where none is taken, and missing where one is', async () => {
    await givenHub(app.ctx)
    const json = { 'content-type': 'application/json' }
    assert.equal((await admin('POST', '/api/hubs/rebalance', undefined, json)).status, 200)
    const missing = await admin('POST', '/api/returns', undefined, json)
    assert.equal(`${missing.status} ${missing.body.code}`, '400 body_missing')
  })

  await t.test('a body that is no JSON is called so', async () => {
    for (const payload of ['{"a":', '[[[[', '\u0000', '{"__proto__":{"x":1}}']) {
      const answer = await admin('POST', '/api/returns', payload)
      assert.equal(`${answer.status} ${answer.body.code}`, '400 json_malformed', payload)
    }
  })
})
