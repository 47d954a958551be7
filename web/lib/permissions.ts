import type { Me } from './session.ts'

/** What the pages ask about; the API decides again on every call. */
export type Permission = 'returns:create'

export function may(me: Pick<Me, 'permissions'>, permission: Permission): boolean {
  return me.permissions.includes(permission)
}
