import { keyScopes } from '#platform/auth/roles.ts'
import type { Role } from '#contracts/codes.ts'
import { openTestApp, type Call, type TestApp } from './app.ts'
import { givenClient, givenHub } from './given.ts'
import { givenSettled } from './lived.ts'

/** One client at one hub, with something of every kind that has an id. */
export type Tenant = {
  readonly clientId: string
  readonly hubId: string
  readonly returnId: string
  readonly checkId: string
  readonly dispositionId: string
  readonly recommendationId: string
  readonly productId: string
  readonly personId: string
  readonly fileId: string
  readonly jobId: string
  readonly webhookId: string
  readonly keyId: string
  readonly userId: string
  readonly sessionId: string
}

/** Stands in everything that the tenant is called. */
export const markOf = (name: string) => `Tenant-${name}-mark`

async function givenTenant(app: TestApp, name: string, place: { code: string; pincode: string }): Promise<Tenant> {
  const { ctx } = app
  const clientId = await givenClient(ctx, name)
  const mark = markOf(name)
  const hub = await givenHub(ctx, { ...place, name: `${mark} hub`, clientIds: [clientId] })
  const inputs = [{ title: `${mark} kurta`, customer: { name: `${mark} person`, note: `${mark} note` } }]
  const [done] = await givenSettled(ctx, { clientId, hubId: hub.id }, inputs)
  const returnId = done!.id
  // Days have gone by: who signed in before is signed out.
  const admin = await app.as('admin')
  const detail = (await admin('GET', `/api/returns/${returnId}`)).body
  const [check] = (await admin('GET', `/api/quality/${returnId}`)).body.data
  const product = await admin('POST', '/api/products', {
    clientId,
    sku: `${name}-1`,
    title: `${mark} product`,
    categoryId: 'fashion.apparel.ethnic',
    currency: 'INR',
  })
  const person = await ctx.db.query<{ id: string }>('select person_id as id from return_items where id = $1', [
    returnId,
  ])
  const [file] = await ctx.db.query<{ id: string }>(
    `insert into files (id, client_id, hub_id, kind, media_type, bytes, sha256, blob_key, name, created_by, created_at)
     values (gen_random_uuid(), $1, $2, 'photo', 'image/jpeg', 1, 'x', $3, $3, 'test', now()) returning id`,
    [clientId, hub.id, `${mark}.jpg`],
  )
  const [job] = await ctx.db.query<{ id: string }>(
    `insert into jobs (id, kind, state, input, created_by, client_id, created_at, updated_at)
     values (gen_random_uuid(), 'import', 'queued', $2, 'somebody', $1, now(), now()) returning id`,
    [clientId, JSON.stringify({ fileName: mark })],
  )
  const [webhook] = await ctx.db.query<{ id: string }>(
    `insert into webhooks (id, client_id, url, description, event_types, created_by, created_at, updated_at)
     values (gen_random_uuid(), $1, 'https://receiver.example/', $2, '{return.submitted}', 'test', now(), now()) returning id`,
    [clientId, mark],
  )
  const key = await admin('POST', '/api/api-keys', { name: mark, clientId, scopes: ['returns:read'] })
  const worker = await app.as('worker', [hub.id], [clientId])
  const me = (await worker('GET', '/api/auth/me')).body
  const [session] = (await worker('GET', '/api/auth/sessions')).body.data
  const made = {
    clientId,
    hubId: hub.id,
    returnId,
    checkId: check.id,
    dispositionId: detail.dispositions[0].id,
    recommendationId: detail.recommendation.id,
    productId: product.body.id,
    personId: person[0]!.id,
    fileId: file!.id,
    jobId: job!.id,
    webhookId: webhook!.id,
    keyId: key.body.id,
    userId: me.id,
    sessionId: session.id,
  }
  for (const [field, id] of Object.entries(made)) if (typeof id !== 'string') throw new Error(`${field} is missing`)
  return made
}

export type Caller = { readonly name: string; readonly call: Call; readonly bounds: 'both' | 'hub' }

/** Two tenants of one installation, and everybody who belongs to the first. */
export async function givenTenants(t: Parameters<typeof openTestApp>[0]) {
  const app = await openTestApp(t)
  const mine = await givenTenant(app, 'mine', { code: 'BLR-1', pincode: '560001' })
  const other = await givenTenant(app, 'other', { code: 'DEL-1', pincode: '110001' })
  const bound: readonly Role[] = ['admin', 'manager', 'worker', 'analyst', 'claims', 'client_viewer']
  const callers: Caller[] = []
  for (const role of bound)
    callers.push({ name: role, call: await app.as(role, [mine.hubId], [mine.clientId]), bounds: 'both' })
  for (const role of ['manager', 'worker'] as const)
    callers.push({ name: `${role} of a hub`, call: await app.as(role, [mine.hubId]), bounds: 'hub' })
  callers.push({ name: 'key', call: await app.asKey(mine.clientId, [...keyScopes]), bounds: 'both' })
  return { app, mine, other, callers }
}
