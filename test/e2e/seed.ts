import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

type Row = { readonly id: string; readonly version: number }
type User = Row & { readonly email: string; readonly role: string; readonly hubIds: readonly string[] }
type Hub = Row & { readonly pincode: string }

async function ask<T>(
  page: Page,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  data?: unknown,
  ifVersion?: number,
): Promise<T> {
  const response = await page.request.fetch(path, {
    method,
    ...(data === undefined ? {} : { data }),
    headers: ifVersion === undefined ? {} : { 'if-match': `"${ifVersion}"` },
  })
  assert.ok(response.ok(), `${method} ${path} answered ${response.status()}: ${await response.text()}`)
  return (await response.json()) as T
}

const pincode = '560066'

/**
 * A client and a hub for the demo worker and manager, where the demo data has none. The page must be signed in as
 * an administrator. Answers the PIN code of the worker's hub, so that a return from there is assigned to it.
 */
export async function seed(page: Page): Promise<{ readonly pincode: string }> {
  const users = await ask<{ data: User[] }>(page, 'GET', '/api/users?limit=200')
  const hubs = await ask<{ data: Hub[] }>(page, 'GET', '/api/hubs?limit=200')
  const worker = users.data.find(({ email, role }) => role === 'worker' && email.startsWith('asha@'))
  assert.ok(worker, 'there is a demo worker')
  const home = hubs.data.find(({ id }) => worker.hubIds.includes(id))
  if (home !== undefined) return { pincode: home.pincode }

  await ask(page, 'POST', '/api/clients', { code: 'nila', name: 'Nila Electronics' })
  const hub = await ask<Hub>(page, 'POST', '/api/hubs', {
    code: 'BLR-2',
    name: 'Bengaluru Whitefield',
    pincode,
    capabilities: ['battery', 'data_wipe', 'refurbish', 'e_waste'],
    capacity: 500,
    minutesPerDay: 7200,
  })
  for (const user of users.data.filter(({ role }) => role === 'worker' || role === 'manager')) {
    await ask(page, 'PUT', `/api/users/${user.id}`, { hubIds: [hub.id] }, user.version)
  }
  return { pincode }
}
