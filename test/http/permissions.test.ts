import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { roles } from '#contracts/codes.ts'
import { declaredRoutes, permissionsDocument, roleMay } from '#gateway/permissions-doc.ts'
import type { Api } from '#gateway/route.ts'
import { openGateway } from '#gateway/server.ts'
import { mayDo, permissions, rolePermissions } from '#platform/auth/roles.ts'
import { keyScopes } from '#platform/auth/roles.ts'
import { openMemoryBuckets } from '#platform/limits/memory.ts'
import { openTestApp, type Answer, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

const id = '01920000-0000-7000-8000-000000000001'
/** A path with something in every place that takes an id. */
const filled = (path: string) => path.replaceAll(/\{\w+\}/g, id)
/** Signing out would end the test itself. */
const endsSession = (method: string, path: string) =>
  path.includes('/logout') || (method === 'DELETE' && path === '/api/auth/sessions')

type Method = Parameters<Call>[0]

test('each route answers each role as docs/permissions.md says', async (t) => {
  // More forged tokens than one address may try.
  const app = await openTestApp(t, { SMARTRETURNS_GUESSES_PER_MINUTE: '100000' })
  const clientId = await givenClient(app.ctx)
  const routes = declaredRoutes((await app.call('GET', '/api/openapi.json')).body)
  assert.ok(routes.length > 90)
  const asked = routes.filter(({ method, path, permission }) => permission !== 'public' && !endsSession(method, path))

  await t.test('docs/permissions.md is made from these routes', () => {
    const file = join(import.meta.dirname, '..', '..', 'docs', 'permissions.md')
    const isFresh = readFileSync(file, 'utf8') === permissionsDocument(routes)
    assert.ok(isFresh, 'make it anew: smartreturns permissions > docs/permissions.md')
  })
  await t.test('nobody in particular is 401 wherever the route is not public', async () => {
    for (const { method, path } of asked) {
      assert.equal((await app.call(method as Method, filled(path))).status, 401, `${method} ${path}`)
      const forged = await app.call(method as Method, filled(path), undefined, { authorization: 'Bearer forged' })
      assert.equal(forged.status, 401, `${method} ${path} with a forged token`)
    }
  })
  for (const role of roles) {
    await t.test(role, async () => {
      const call = await app.as(role)
      for (const { method, path, permission } of asked) {
        const { status } = await call(method as Method, filled(path))
        assert.equal(
          status === 403,
          !roleMay(role, permission),
          `${role} ${method} ${path} (${permission}) answered ${status}`,
        )
        assert.ok(status < 500, `${role} ${method} ${path} answered ${status}`)
      }
    })
  }
  await t.test('an API key may what its scopes say', async () => {
    for (const scope of keyScopes) {
      const call = await app.asKey(clientId, [scope])
      for (const { method, path, permission } of asked) {
        if (permission === 'self') continue
        assert.equal(
          (await call(method as Method, filled(path))).status === 403,
          permission !== scope,
          `${scope} ${method} ${path}`,
        )
      }
    }
  })
  await t.test('who may not is told so before anything of the request is looked at', async () => {
    const viewer = await app.as('client_viewer', [], [clientId])
    let tried = 0
    for (const { method, path, permission } of asked) {
      if (roleMay('client_viewer', permission)) continue
      tried += 1
      const wrongPath = path.replaceAll(/\{\w+\}/g, 'no%20id')
      const answers: Answer[] = [
        await viewer(method as Method, wrongPath),
        ...(method === 'GET' ? [] : [await viewer(method as Method, filled(path), '{"never": closed')]),
        ...(method === 'GET'
          ? []
          : [await viewer(method as Method, filled(path), { role: 'admin' }, { 'idempotency-key': 'k'.repeat(999) })]),
      ]
      for (const { status } of answers) assert.equal(status, 403, `${method} ${path}`)
    }
    assert.ok(tried > 40)
  })
})

test('a route without a permission, or with one that nobody knows, does not start', async (t) => {
  const app = await openTestApp(t)
  const start = (config: object) =>
    openGateway({ ctx: app.ctx, commands: {} as never, cursorKey: {} as never }, {
      limits: openMemoryBuckets(app.ctx.now),
      isDraining: () => false,
      version: 'test',
      identity: { authenticate: () => assert.fail('nobody is asked') },
      trustedProxies: [],
      allowedOrigins: [],
      web: null,
      notReady: () => Promise.resolve(null),
      waitingMax: 1,
      refusals: app.audit.refusals,
      routes: [(api: Api) => void api.get('/api/forgotten', { config }, () => 'secret')],
    } as unknown as Parameters<typeof openGateway>[1])
  await assert.rejects(start({}), /GET \/api\/forgotten declares no permission/)
  await assert.rejects(start({ permission: 'returns:wish' }), /unknown permission: returns:wish/)
  await (await start({ permission: 'returns:read' })).close()
})

test('nobody gets more rights than the own: users, roles, keys, bounds (row 45)', async (t) => {
  const app = await openTestApp(t)
  const [mine, other] = [await givenClient(app.ctx, 'mine'), await givenClient(app.ctx, 'other')]
  const hub = await givenHub(app.ctx)
  const user = { email: 'made@example.test', name: 'Made', role: 'admin', password: 'nine red kites over the harbour' }
  for (const role of roles.filter((name) => name !== 'admin')) {
    const call = await app.as(role, [hub.id], [mine])
    const me = (await call('GET', '/api/auth/me')).body
    assert.deepEqual(me.permissions, rolePermissions[role])
    assert.equal((await call('POST', '/api/users', user)).status, 403)
    for (const change of [{ role: 'admin' }, { hubIds: [] }, { clientIds: [] }, { isActive: true }])
      assert.equal((await call('PUT', `/api/users/${me.id}`, change, { 'if-match': '"1"' })).status, 403, role)
    assert.equal(
      (await call('POST', '/api/api-keys', { name: 'x', clientId: mine, scopes: ['returns:read'] })).status,
      403,
    )
    assert.deepEqual((await call('GET', '/api/auth/me')).body, me)
  }
  // An administrator of one client: everything there, nothing of the installation or of another client.
  const bound = await app.as('admin', [], [mine])
  assert.equal((await bound('POST', '/api/users', user)).status, 403)
  for (const url of ['/api/users', '/api/audit', '/api/audit/verify'])
    assert.equal((await bound('GET', url)).status, 403, url)
  const key = (clientId: string) => bound('POST', '/api/api-keys', { name: 'x', clientId, scopes: ['returns:read'] })
  assert.equal((await key(other)).status, 404)
  assert.equal((await key(mine)).status, 201)
  const keys = (await bound('GET', '/api/api-keys')).body.data as { clientId: string }[]
  assert.ok(keys.every(({ clientId }) => clientId === mine))
  // A key can never have what only people have.
  const admin = await app.as('admin')
  const forPeople = permissions.filter((permission) => !(keyScopes as readonly string[]).includes(permission))
  for (const scope of [...forPeople, 'admin', '*']) {
    const answer = await admin('POST', '/api/api-keys', { name: 'x', clientId: mine, scopes: ['returns:read', scope] })
    assert.equal(answer.status, 400, scope)
  }
  const asKey = await app.asKey(mine, [...keyScopes])
  assert.deepEqual((await asKey('GET', '/api/auth/me')).body.clientIds, [mine])
  for (const permission of forPeople.filter((name) => name !== 'self'))
    assert.equal(
      mayDo(
        { kind: 'api_key', id: 'k', role: 'integration', hubIds: null, clientIds: [mine], scopes: keyScopes },
        permission,
      ),
      false,
    )
})
