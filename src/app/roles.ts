import { z } from 'zod'

/** What one process does of all that the program does. */
export const roleNames = ['api', 'worker', 'web'] as const
export type Role = (typeof roleNames)[number]

const isRole = (name: string): name is Role => (roleNames as readonly string[]).includes(name)

export const roleSettings = {
  SMARTRETURNS_ROLES: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((name) => name.trim()))
      .refine((names) => names.length > 0 && names.every(isRole), `a list of ${roleNames.join(', ')}`)
      .transform((names) => new Set(names.filter(isRole)) as ReadonlySet<Role>)
      .default(new Set(roleNames)),
    example: 'api,worker,web',
    says: 'What this process does, also by --roles: api (HTTP), worker (relay, schedules, jobs), web (pages, with api); all when absent. Several processes need DATABASE_URL',
  },
  SMARTRETURNS_DRAIN_MS: {
    schema: z.coerce.number().int().min(0).max(60_000).optional(),
    example: '5000',
    says: 'How long a process that was told to stop still takes requests while /readyz says 503; 5000 in production, else 200',
  },
} as const

/** Settings that are each fine and together are not. */
export function roleProblems(values: Readonly<Record<string, unknown>>): string[] {
  const roles = values['SMARTRETURNS_ROLES'] as ReadonlySet<Role> | undefined
  if (roles === undefined) return []
  const problems: string[] = []
  const isOneOfMany = !roles.has('api') || !roles.has('worker')
  if (isOneOfMany && values['DATABASE_URL'] === undefined)
    problems.push('SMARTRETURNS_ROLES: several processes need one PostgreSQL, DATABASE_URL')
  if (roles.has('web') && !roles.has('api'))
    problems.push('SMARTRETURNS_ROLES: the role web comes with the role api in one process')
  return problems
}
