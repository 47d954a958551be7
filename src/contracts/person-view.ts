import type { Role } from './codes.ts'

/** What somebody is shown of a customer: everything, only the words about the goods, or nothing. */
export type PersonView = 'whole' | 'note' | 'none'

const byRole: Readonly<Record<Role | 'system', PersonView>> = {
  admin: 'whole',
  manager: 'whole',
  // Who grades a unit needs what the customer wrote about it, and no name.
  worker: 'note',
  analyst: 'none',
  claims: 'none',
  client_viewer: 'none',
  system: 'whole',
}

/** A key sees people by its scope, everybody else by the role. */
export function personViewOf(actor: {
  readonly role: Role | 'integration' | 'system'
  readonly scopes: readonly string[]
}): PersonView {
  if (actor.role === 'integration') return actor.scopes.includes('people:read') ? 'whole' : 'none'
  return byRole[actor.role]
}
