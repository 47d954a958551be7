import type { Actor } from './actor.ts'

export type Credentials = { readonly bearer: string | null; readonly cookie: string | null }

export type Identity = {
  /** Who these credentials are of. Throws `AppError('unauthenticated')` for anything but valid, live ones. */
  readonly authenticate: (credentials: Credentials) => Promise<Actor>
}
