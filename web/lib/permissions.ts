import type { Me } from './session.ts'

/** What the pages ask about; the API decides again on every call. */
export type Permission =
  | 'returns:create'
  | 'returns:receive'
  | 'returns:check'
  | 'returns:decide'
  | 'returns:cancel'
  | 'returns:review'
  | 'hubs:assign'
  | 'ai:feedback'
  | 'ai:read'
  | 'models:change'
  | 'policies:change'
  | 'audit:read'
  | 'people:read'
  | 'privacy:manage'
  | 'security:manage'
  | 'webhooks:manage'
  | 'users:manage'
  | 'keys:manage'
  | 'analytics:read'
  | 'reports:create'

export function may(me: Pick<Me, 'permissions'>, permission: Permission): boolean {
  return me.permissions.includes(permission)
}
