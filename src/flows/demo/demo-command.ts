import type { Command, CommandActor } from '#contracts/commands.ts'
import { uuidv7 } from '#kernel/ids.ts'

export const demoActor: CommandActor = { kind: 'system', id: 'demo', role: 'system', hubIds: null, clientIds: null }

/** A command of the demo, each with a request id of its own. */
export function demoCommand<T>(input: T): Command<T> {
  return { actor: demoActor, requestId: `demo-${uuidv7(0)}`, idempotency: null, input }
}
