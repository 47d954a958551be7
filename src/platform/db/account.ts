import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The account that the server runs under; `null` is our own. */
export type Account = { readonly uid: number; readonly gid: number } | null

// PostgreSQL refuses to run as root. An account of our name is taken when an administrator made one.
const ACCOUNTS = ['smartreturns', 'nobody']

/** Our own account, or, for root, an unprivileged one: initdb wants one that is listed. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return null
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ACCOUNTS) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error(`PostgreSQL refuses to run as root, and none of these accounts exists: ${ACCOUNTS.join(', ')}`)
}

/** Whether the account can enter the folder: each folder above it must let it pass. */
export function canEnter(account: Account, folder: string): boolean {
  if (account === null) return true
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (path === dirname(path)) return true
  }
}
