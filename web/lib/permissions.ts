import type { Me } from './session.ts'

/** What the pages ask about; the API decides again on every call. */
export type Permission =
  | 'returns:create'
  | 'returns:receive'
  | 'returns:check'
  | 'returns:decide'
  | 'returns:cancel'
  | 'returns:review'
  | 'hubs:read'
  | 'hubs:write'
  | 'hubs:assign'
  | 'ai:feedback'
  | 'ai:read'
  | 'models:change'
  | 'policies:change'
  | 'audit:read'
  | 'imports:write'
  | 'people:read'
  | 'privacy:manage'
  | 'security:manage'
  | 'webhooks:manage'
  | 'users:manage'
  | 'keys:manage'
  | 'analytics:read'
  | 'reports:create'
  | 'jobs:read'
  | 'jobs:manage'

export function may(me: Pick<Me, 'permissions'>, permission: Permission): boolean {
  return me.permissions.includes(permission)
}
