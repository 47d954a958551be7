import { randomBytes } from 'node:crypto'
import { checkPassword } from './passwords.ts'
import { readUser, readUserByEmail, updateUser, type UserRow } from './store.ts'
import { createUser, type UserContext } from './users.ts'

/** Logins that everybody may know: made only in demo mode, marked as such, removed with the demo data. */
export const demoUsers = [
  {
    label: 'Worker Asha',
    name: 'Asha K.',
    role: 'worker',
    email: 'asha@demo.smartreturns.local',
    password: 'demo asha counts parcels',
  },
  {
    label: 'Manager Ravi',
    name: 'Ravi S.',
    role: 'manager',
    email: 'ravi@demo.smartreturns.local',
    password: 'demo ravi minds the hub',
  },
  {
    label: 'Analyst Meera',
    name: 'Meera P.',
    role: 'analyst',
    email: 'meera@demo.smartreturns.local',
    password: 'demo meera reads numbers',
  },
  {
    label: 'Admin',
    name: 'Demo Admin',
    role: 'admin',
    email: 'admin@demo.smartreturns.local',
    password: 'demo admin holds the keys',
  },
] as const satisfies readonly { label: string; name: string; role: UserRow['role']; email: string; password: string }[]

/** Makes the demo logins, and binds them to these hubs and clients where they were bound to none before. */
export async function ensureDemoUsers(
  ctx: UserContext,
  hubIds: readonly string[],
  clientIds: readonly string[] = [],
): Promise<void> {
  for (const { label: _, ...user } of demoUsers) {
    const own = user.role === 'worker' ? hubIds.slice(0, 1) : user.role === 'manager' ? hubIds : []
    const clients = user.role === 'admin' ? [] : clientIds
    const present = await readUserByEmail(ctx.db, user.email)
    if (present === null)
      await createUser(
        ctx,
        { ...user, hubIds: own, clientIds: clients, isDemo: true },
        { kind: 'system', id: 'demo' },
        'demo',
      )
    else if (
      present.isDemo &&
      present.hubIds.length + present.clientIds.length === 0 &&
      own.length + clients.length > 0
    )
      await bindUser(ctx, present.id, own, clients)
  }
}

async function bindUser(
  ctx: UserContext,
  id: string,
  hubIds: readonly string[],
  clientIds: readonly string[],
): Promise<void> {
  const at = new Date(ctx.now())
  await ctx.db.transaction(async (tx) => {
    const before = (await readUser(tx, id, true))!
    const version = before.version + 1
    await updateUser(tx, { ...before, hubIds, clientIds, version, updatedAt: at })
    const data = {
      by: { kind: 'system', id: 'demo' },
      requestId: 'demo',
      fields: ['hubIds', 'clientIds'],
      role: before.role,
      isActive: before.isActive,
      hubIds,
      clientIds,
    }
    await ctx.events.append(tx, [{ stream: `user-${id}`, version, type: 'UserChanged', data }], at)
  })
}

/** The first administrator of an empty installation; answers the password when one had to be made. */
export async function ensureFirstAdmin(
  ctx: UserContext,
  settings: { readonly email: string | undefined; readonly password: string | undefined },
): Promise<{ readonly email: string; readonly password: string } | null> {
  const [row] = await ctx.db.query<{ n: number }>(
    "select count(*) as n from users where role = 'admin' and is_active and not is_demo",
  )
  if (row!.n > 0) return null
  const email = settings.email ?? 'admin@smartreturns.local'
  const password = settings.password ?? randomBytes(18).toString('base64url')
  checkPassword(password, { context: [email], hasSecondFactor: false })
  const id = await createUser(
    ctx,
    { email, name: 'Administrator', role: 'admin', hubIds: [], clientIds: [], isDemo: false, password },
    { kind: 'system', id: 'setup' },
    'setup',
  )
  return id === null || settings.password !== undefined ? null : { email, password }
}
