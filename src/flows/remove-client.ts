import type { Transaction } from '#platform/db/port.ts'
import { capacityStatements, removeHubs } from '#services/hubs/index.ts'
import { countPlaces, removeClientRows } from '#services/returns/index.ts'

/**
 * Takes a client and the hubs that are its alone out of the read models; the places that its units hold elsewhere are
 * free again. Answers how many returns went. A replay does the same by `replay`.
 */
export async function removeClient(
  tx: Transaction,
  clientId: string,
  hubIds: readonly string[],
  mode: 'all' | 'replay',
): Promise<number> {
  const places = await countPlaces(tx, clientId)
  await tx.run(capacityStatements(new Map([...places].map(([hubId, units]) => [hubId, -units]))))
  const returns = await removeClientRows(tx, clientId, mode)
  await removeHubs(tx, hubIds)
  return returns
}
