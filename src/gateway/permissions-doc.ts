import { roles } from '#contracts/codes.ts'
import { personViewOf } from '#contracts/person-view.ts'
import { keyScopes, permissions, rolePermissions, type Permission } from '#platform/auth/roles.ts'

/** One operation of the API with what it asks of its caller. */
export type DeclaredRoute = { readonly method: string; readonly path: string; readonly permission: string }

type Operations = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The routes of an OpenAPI document of ours, which tells the permission of each. */
export function declaredRoutes(document: { readonly paths?: Readonly<Record<string, Operations>> }): DeclaredRoute[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const permission = operation['x-permission']
      if (typeof permission !== 'string') throw new Error(`${method} ${path} tells no permission`)
      return { method: method.toUpperCase(), path, permission }
    }),
  )
}

/** Whether the table gives a role this permission. */
export function roleMay(role: (typeof roles)[number], permission: string): boolean {
  return permission === 'public' || (rolePermissions[role] as readonly string[]).includes(permission)
}

function keyMay(permission: string): string {
  if (permission === 'public' || permission === 'self') return 'yes'
  return (keyScopes as readonly string[]).includes(permission) ? 'by scope' : ''
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
const yes = (is: boolean) => (is ? 'yes' : '')

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

const views = { whole: 'whole', note: "the customer's note only", none: 'masked' } as const

/** The text of `docs/permissions.md`. */
export function permissionsDocument(routes: readonly DeclaredRoute[]): string {
  const heads = ['permission', ...roles, 'API key']
  const cells = (permission: string) => [...roles.map((role) => yes(roleMay(role, permission))), keyMay(permission)]
  const used = new Set(routes.map(({ permission }) => permission))
  const unused = permissions.filter((permission) => !used.has(permission))
  const sorted = routes.toSorted((a, b) =>
    a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1,
  )
  return `# Who may do what

Made by \`smartreturns permissions > docs/permissions.md\` from the routes and the roles as they are in the program; a test fails
when this page is another. \`test/http/permissions.test.ts\` asks every route as every role, and as a key of every scope.

A route that declares no permission stops the start. Who asks is known before a body is read: a caller without the permission is
told 403, one without valid credentials 401, whatever stands in the request. Another's object is answered 404, as one that does
not exist. \`public\` asks nobody; \`self\` is everybody who is signed in, about the own login.

## Where it may be done

${table(
  ['role', 'hubs', 'clients', 'personal data of customers'],
  [
    ...roles.map((role) => [
      role,
      role === 'admin'
        ? 'all'
        : role === 'manager' || role === 'worker'
          ? 'those it is bound to'
          : 'those it is bound to; without any, all',
      role === 'client_viewer' ? 'those it is bound to; without any, none' : 'those it is bound to; without any, all',
      views[personViewOf({ role, scopes: [] })],
    ]),
    ['API key', 'those it is bound to; without any, all', 'its own', 'masked; whole with the scope `people:read`'],
  ],
)}

An administrator who is bound to clients may nothing that concerns the whole installation: \`users:manage\`,
\`security:manage\`, \`models:change\`, \`policies:change\`, \`audit:read\`.

A unit that no hub holds yet is seen by everybody whose clients include it. The rule stands twice: in the code that answers, and in
PostgreSQL (\`src/platform/db/access-rules.ts\`): a caller bound to hubs or clients reads and writes as the role
\`smartreturns_bound\`, for which every table with rows of clients, hubs or returns has a row-level policy. Batches of several
callers and jobs run as \`smartreturns_app\`, which owns nothing, passes no policy by, and can only add to the log; there each
command is judged by its own actor. Rows of jobs and files that belong to no client are judged by who made them, in the code only.

## Permissions

${table(
  heads,
  [...permissions].map((permission: Permission) => [`\`${permission}\``, ...cells(permission)]),
)}
${unused.length === 0 ? '' : `\nAsked by no route itself: ${unused.map((permission) => `\`${permission}\``).join(', ')}.\n`}
## Routes

${table(
  ['route', ...heads],
  sorted.map(({ method, path, permission }) => [`${method} ${path}`, `\`${permission}\``, ...cells(permission)]),
)}
`
}
