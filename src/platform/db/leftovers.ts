import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PORT, type Cluster } from './cluster.ts'

const FAST_STOP_MS = 10_000
const KILL_MS = 3_000
const POLL_MS = 20

/**
 * Ends what a killed owner left behind: a server still running in this cluster, backends without their server, and
 * files that name a process number which somebody else has by now. The caller owns the data folder.
 */
export async function clearLeftovers(cluster: Cluster): Promise<void> {
  const postmaster = readPid(join(cluster.folder, 'postmaster.pid'))
  if (processesOf(cluster, postmaster).includes(postmaster)) {
    signal([postmaster], 'SIGINT')
    await waitUntilGone(cluster, postmaster, FAST_STOP_MS)
  }
  signal(processesOf(cluster, postmaster), 'SIGKILL')
  await waitUntilGone(cluster, postmaster, KILL_MS)
  const left = processesOf(cluster, postmaster)
  if (left.length > 0)
    throw new Error(`processes ${left.join(', ')} of an earlier server in ${cluster.folder} do not end`)
  // PostgreSQL itself clears files of dead processes (and looks at shared memory first); it stops at living ones.
  for (const file of [join(cluster.folder, 'postmaster.pid'), join(cluster.socketFolder, `.s.PGSQL.${PORT}.lock`)]) {
    if (isAlive(readPid(file))) rmSync(file, { force: true })
  }
}

async function waitUntilGone(cluster: Cluster, postmaster: number, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs
  while (processesOf(cluster, postmaster).length > 0 && performance.now() < until) await pause(POLL_MS)
}

/** 0 when there is no such file. */
function readPid(file: string): number {
  if (!existsSync(file)) return 0
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  return Number.isInteger(pid) && pid > 1 ? pid : 0
}

/** All PostgreSQL processes that work in the cluster: they have it as their current folder. */
function processesOf(cluster: Cluster, postmaster: number): number[] {
  if (!existsSync(cluster.folder)) return []
  if (process.platform !== 'linux') return isServer(cluster, postmaster) ? [postmaster] : []
  const folder = realpathSync(cluster.folder)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && worksIn(name, folder))
    .map(Number)
}

function worksIn(pid: string, folder: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return false
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres'
  } catch (error) {
    // The process ended meanwhile, or it is of another account and so not ours.
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return false
    throw error
  }
}

/** Where there is no /proc: the server's command line names its cluster. */
function isServer(cluster: Cluster, pid: number): boolean {
  if (!isAlive(pid)) return false
  const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return command.includes('postgres') && command.includes(cluster.folder)
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}
