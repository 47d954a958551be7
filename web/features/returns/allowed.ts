import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { may, type Permission } from '../../lib/permissions.ts'
import type { Me } from '../../lib/session.ts'

type CommandName = ReturnDetail['allowed'][number]

const needed: Readonly<Record<CommandName, Permission>> = {
  receive: 'returns:receive',
  check: 'returns:check',
  accept: 'returns:decide',
  override: 'returns:decide',
  execute: 'returns:decide',
  cancel: 'returns:cancel',
  assign: 'hubs:assign',
  approve: 'returns:review',
  reject: 'returns:review',
}

/** The commands that the state allows and the reader's role may issue: no others get a button. */
export function withAllowed(unit: ReturnDetail, me: Me | undefined): ReturnDetail {
  return { ...unit, allowed: me === undefined ? [] : unit.allowed.filter((name) => may(me, needed[name])) }
}
