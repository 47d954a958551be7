import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cache, modernNode, root } from './paths.mjs'

// npm passes on a Ctrl-C that the terminal has sent us already.
const SAME_SIGNAL_MS = 500
const LOCK_POLL_MS = 500

/** Runs a command and answers its exit code, its output and how long it took. */
export function run(command, args, { env = {}, quiet = false, ...options } = {}) {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit'
    const child = spawn(command, args, { cwd: root, stdio, ...options, env: { ...process.env, ...env } })
    let output = ''
    const collect = (data) => {
      output += data
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ code: exitCode(code, signal), output, tookMs: Math.round(performance.now() - startedAt) })
    })
  })
}

/**
 * Runs a TypeScript program on Node 24 and answers its exit code. A server gets a session of its own, so that each signal
 * reaches it once, from us; it stops by itself when we are gone (`end-with-parent.mjs`). A command keeps the terminal.
 */
export function runProgram(file, args, { isServer = false, env = {} } = {}) {
  const preload = isServer ? ['--import', pathToFileURL(join(root, 'scripts', 'end-with-parent.mjs')).href] : []
  const child = spawn(modernNode(), [...preload, join(root, file), ...args], {
    stdio: isServer ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    detached: isServer,
    // Types stripped and code compiled once: a third of the time of a start.
    env: { NODE_COMPILE_CACHE: join(root, '.cache', 'compile'), ...process.env, ...env },
  })
  return exitOf(child, forwardSignals(child, isServer))
}

/** Runs Node 24 with these arguments in the checkout, in the terminal's session. */
export function runNode(args, env = {}) {
  const child = spawn(modernNode(), args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  return exitOf(child, forwardSignals(child, false))
}

function exitOf(child, release) {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      release()
      resolve(exitCode(code, signal))
    })
  })
}

/** Answers a function that ends the forwarding. */
function forwardSignals(child, hasOwnSession) {
  const lastAt = new Map()
  const forward = (signal) => {
    // In one session the terminal's Ctrl-C has reached the child already.
    if (signal === 'SIGINT' && !hasOwnSession) return
    const now = performance.now()
    if (now - (lastAt.get(signal) ?? -Infinity) < SAME_SIGNAL_MS) return
    lastAt.set(signal, now)
    child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}

function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0)
}

/** Lets one process of this checkout do the work; others wait for it. A killed holder's lock is taken over. */
export async function withLock(name, work) {
  mkdirSync(cache, { recursive: true })
  const file = join(cache, `${name}.lock`)
  while (!take(file)) await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS))
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file) {
  try {
    writeFileSync(file, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!isHeld(file)) rmSync(file, { force: true })
  return false
}

function isHeld(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // An empty file was made this instant.
    if (pid === 0) return true
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
