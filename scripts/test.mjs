import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { modernNode, root, Stop } from './paths.mjs'
import { runNode } from './processes.mjs'
import { ensureWebBuilt } from './web.mjs'

const FOLDERS = ['test', 'src', 'web', 'bench', 'scripts']
// The longest first, so that the last minutes are not spent on one file.
const ORDER = ['test/e2e/', 'test/http/', 'test/db/', 'test/ports/', 'test/']
const TIMEOUT_MS = 900_000
const DATABASE_START_MS = 60_000

/** Runs the test files: all of them, or those that the words name (a file, a folder, or part of a path). */
export async function runTests(words) {
  const options = words.filter((word) => word.startsWith('-'))
  const names = words.filter((word) => !word.startsWith('-'))
  const files = chooseFiles(names)
  if (files.length === 0) throw new Stop(`no test file matches ${names.join(' ')}`)
  if (files.some((file) => /^test\/(e2e|http)\//.test(file))) await ensureWebBuilt()
  const database = process.env.DATABASE_URL ? null : await startDatabase()
  try {
    const concurrency = Math.max(2, availableParallelism())
    const args = ['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${TIMEOUT_MS}`, '--test-reporter=spec']
    return await runNode([...args, ...options, ...files], database ? { TEST_DATABASE_URL: database.url } : {})
  } finally {
    await database?.close()
  }
}

function chooseFiles(names) {
  const all = FOLDERS.flatMap((folder) => testFiles(join(root, folder))).map((file) => relative(root, file))
  const place = (file) => {
    const index = ORDER.findIndex((prefix) => file.startsWith(prefix))
    return index < 0 ? ORDER.length : index
  }
  const chosen = names.length === 0 ? all : all.filter((file) => names.some((name) => isNamed(file, name)))
  return chosen.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

function isNamed(file, name) {
  return file.includes(name) || resolve(name) === join(root, file)
}

function testFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === '.next' ? [] : testFiles(path)
    return /\.test\.(ts|mjs)$/.test(entry.name) ? [path] : []
  })
}

/** One embedded server for all test files; it stops when its input closes, also when we are killed. */
function startDatabase() {
  const child = spawn(modernNode(), [join(root, 'test', 'support', 'database-server.ts')], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  const ended = new Promise((resolve) => child.on('exit', resolve))
  const close = async () => {
    child.stdin.end()
    await ended
  }
  return new Promise((resolve, reject) => {
    const fail = (reason) => reject(new Stop(`the database for the tests did not start: ${reason}`))
    const timer = setTimeout(fail, DATABASE_START_MS, 'no answer').unref()
    child.on('error', fail)
    child.on('exit', (code) => fail(`exit code ${code}`))
    createInterface(child.stdout).once('line', (url) => {
      clearTimeout(timer)
      resolve({ url, close })
    })
  })
}
