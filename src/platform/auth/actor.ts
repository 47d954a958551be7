import type { Role } from '#contracts/codes.ts'

/** Who asks. `null` lists mean "all". */
export type Actor = {
  readonly kind: 'user' | 'api_key' | 'system'
  readonly id: string
  /** The network and kind of program of the request, for the audit trail. */
  readonly from?: string
  readonly role: Role | 'integration' | 'system'
  readonly hubIds: readonly string[] | null
  readonly clientIds: readonly string[] | null
  readonly scopes: readonly string[]
}

export function maySeeClient(actor: Actor, clientId: string): boolean {
  return actor.clientIds === null || actor.clientIds.includes(clientId)
}

/** A unit that no hub holds yet is seen by everyone whose clients include it. */
export function maySeeHub(actor: Actor, hubId: string | null): boolean {
  return actor.hubIds === null || hubId === null || actor.hubIds.includes(hubId)
}
