import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyScopes, rolePermissions } from '#platform/auth/roles.ts'
import { openTestApp } from '../support/app.ts'
import { givenClient } from '../support/given.ts'

const id = '01920000-0000-7000-8000-000000000001'
const roles = ['admin', 'manager', 'worker', 'analyst'] as const

test('each route answers each role as the table of permissions says', async (t) => {
  const app = await openTestApp(t)
  const clientId = await givenClient(app.ctx)
  const document = (await app.call('GET', '/api/openapi.json')).body
  const routes: { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; url: string; permission: string }[] = []
  for (const [path, operations] of Object.entries(
    document.paths as Record<string, Record<string, Record<string, string>>>,
  )) {
    for (const [method, operation] of Object.entries(operations)) {
      const permission = operation['x-permission']
      assert.ok(permission, `${method} ${path} has a permission`)
      routes.push({ method: method.toUpperCase() as 'GET', url: path.replaceAll(/\{\w+\}/g, id), permission })
    }
  }
  assert.ok(routes.length > 40)

  await t.test('nobody in particular is 401 wherever the route is not public', async () => {
    for (const { method, url, permission } of routes) {
      if (permission === 'public') continue
      assert.equal((await app.call(method, url)).status, 401, `${method} ${url}`)
    }
  })
  for (const role of roles) {
    await t.test(role, async () => {
      const call = await app.as(role)
      for (const { method, url, permission } of routes) {
        // Signing out would end the test itself.
        if (permission === 'public' || url.includes('/logout') || `${method} ${url}` === 'DELETE /api/auth/sessions')
          continue
        const { status } = await call(method, url)
        const may = (rolePermissions[role] as readonly string[]).includes(permission)
        assert.equal(status === 403, !may && true, `${role} ${method} ${url} (${permission}) answered ${status}`)
        assert.notEqual(status, 500, `${role} ${method} ${url}`)
      }
    })
  }
  await t.test('an API key may what its scopes say', async () => {
    for (const scope of keyScopes) {
      const call = await app.asKey(clientId, [scope])
      for (const { method, url, permission } of routes) {
        if (permission === 'public' || permission === 'self') continue
        assert.equal((await call(method, url)).status === 403, permission !== scope, `${scope} ${method} ${url}`)
      }
    }
  })
})
