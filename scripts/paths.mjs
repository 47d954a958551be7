import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')
export const cache = join(root, '.cache')
const NODE_MIN = [24, 6]

/** A message for a person, without a stack. */
export class Stop extends Error {}

/** The Node 24 that the packages bring, or the running one when it is new enough. */
export function modernNode() {
  const packaged = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(packaged)) return packaged
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return process.execPath
  throw new Stop(
    `SmartReturns runs on Node ${NODE_MIN.join('.')} or newer. No npm package brings it for ` +
      `${process.platform}-${process.arch}, and this is Node ${process.versions.node}: install a newer Node.`,
  )
}
