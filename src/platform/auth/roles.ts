import { keyScopes as scopes } from '#contracts/key-scopes.ts'
import type { Role } from '#contracts/codes.ts'
import type { Actor } from './actor.ts'

export const permissions = [
  'returns:read',
  'returns:create',
  'returns:receive',
  'returns:check',
  'returns:decide',
  'returns:cancel',
  'returns:review',
  'hubs:read',
  'hubs:write',
  'hubs:assign',
  'ai:read',
  'ai:recommend',
  'ai:feedback',
  'models:change',
  'policies:change',
  'ai:replay',
  'analytics:read',
  'reports:create',
  'quality:read',
  'workflow:read',
  'scan:read',
  'files:write',
  'files:read',
  'jobs:read',
  'jobs:manage',
  'products:read',
  'products:write',
  'clients:read',
  'clients:write',
  'users:manage',
  'keys:manage',
  'audit:read',
  'people:read',
  'privacy:manage',
  'security:manage',
  'webhooks:manage',
  'imports:write',
  'self',
] as const
export type Permission = (typeof permissions)[number]

const floor: readonly Permission[] = [
  'returns:read',
  'returns:receive',
  'returns:check',
  'returns:decide',
  'hubs:read',
  'ai:read',
  'ai:recommend',
  'ai:feedback',
  'quality:read',
  'workflow:read',
  'scan:read',
  'files:write',
  'files:read',
  'jobs:read',
  'products:read',
  'clients:read',
  'people:read',
  'self',
]
const desk: readonly Permission[] = [
  'returns:create',
  'returns:cancel',
  'returns:review',
  'hubs:write',
  'hubs:assign',
  'analytics:read',
  'reports:create',
  'products:write',
  'imports:write',
]
const readers: readonly Permission[] = [
  'returns:read',
  'hubs:read',
  'ai:read',
  'ai:replay',
  'analytics:read',
  'reports:create',
  'quality:read',
  'workflow:read',
  'files:read',
  'jobs:read',
  'products:read',
  'clients:read',
  'self',
]

/** Claims against carriers and marketplaces: evidence and the review of returns, no person. */
const claimants: readonly Permission[] = [
  'returns:read',
  'returns:review',
  'hubs:read',
  'ai:read',
  'quality:read',
  'workflow:read',
  'scan:read',
  'files:write',
  'files:read',
  'jobs:read',
  'products:read',
  'clients:read',
  'reports:create',
  'self',
]
/** People of a client: their own goods, and nothing to change. */
const guests: readonly Permission[] = [
  'returns:read',
  'ai:read',
  'analytics:read',
  'quality:read',
  'workflow:read',
  'files:read',
  'products:read',
  'clients:read',
  'self',
]

/** What each role may do; where it may do it is a matter of the hubs and clients it is bound to. */
export const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  admin: permissions,
  manager: [...floor, ...desk],
  worker: floor,
  analyst: readers,
  claims: claimants,
  client_viewer: guests,
}

/** What an API key may be given; everything else is for people. */
export const keyScopes = scopes satisfies readonly Permission[]

/**
 * What concerns the whole installation. An administrator who is bound to clients is none of the installation: whoever could
 * make users could make one without bounds.
 */
const installationWide: readonly Permission[] = [
  'users:manage',
  'security:manage',
  'models:change',
  'policies:change',
  'audit:read',
  'jobs:manage',
]

export function mayDo(actor: Actor, permission: Permission): boolean {
  if (actor.role === 'system') return true
  if (actor.role === 'integration') return permission === 'self' || actor.scopes.includes(permission)
  if (actor.clientIds !== null && installationWide.includes(permission)) return false
  return rolePermissions[actor.role].includes(permission)
}

export function permissionsOf(actor: Actor): readonly string[] {
  if (actor.role === 'system') return permissions
  if (actor.role === 'integration') return [...actor.scopes, 'self']
  return rolePermissions[actor.role].filter((permission) => mayDo(actor, permission))
}
