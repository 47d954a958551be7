import { lchownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { locateCluster, writeFacts } from './cluster.ts'

/** Where the files of a cluster are put back below a new data folder, and what makes them a server's own. */
export type ClusterPlace = { readonly folder: string; readonly own: () => void }

/** `password` is the one that the cluster knows. The data folder must be new. */
export function placeCluster(dataFolder: string, password: string): ClusterPlace {
  writeFacts(dataFolder, password)
  const { folder, account } = locateCluster(dataFolder)
  mkdirSync(folder, { mode: 0o700 })
  const own = (path: string) => {
    if (account !== null) lchownSync(path, account.uid, account.gid)
  }
  const ownAll = (path: string) => {
    own(path)
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const below = join(path, entry.name)
      if (entry.isDirectory()) ownAll(below)
      else own(below)
    }
  }
  return { folder, own: () => ownAll(folder) }
}
