import { userInfo } from 'node:os'
import type { Actor } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'

/** Who sits at the terminal of this machine may do everything; the log names the account. */
export function askerHere(): { readonly actor: Actor; readonly requestId: string } {
  const id = `cli:${userInfo().username}`
  return {
    actor: { kind: 'system', id, role: 'system', hubIds: null, clientIds: null, scopes: [] },
    requestId: uuidv7(Date.now()),
  }
}
