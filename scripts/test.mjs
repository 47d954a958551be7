import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
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
// More failed files than this are no accident of a busy machine.
const AGAIN_AT_MOST = 3

/**
 * Runs the test files: all of them, or those that the words name (a file, a folder, or part of a path). With `--again`
 * a few failed files run once more, one by one; what passes only then is named, and has to be mended.
 */
export async function runTests(words) {
  const options = words.filter((word) => word.startsWith('-') && word !== '--again')
  const names = words.filter((word) => !word.startsWith('-'))
  const files = chooseFiles(names)
  if (files.length === 0) throw new Stop(`no test file matches ${names.join(' ')}`)
  if (files.some((file) => /^test\/(e2e|http)\//.test(file))) await ensureWebBuilt()
  const database = process.env.DATABASE_URL ? null : await startDatabase()
  try {
    const environment = database ? { TEST_DATABASE_URL: database.url } : {}
    const concurrency = Math.max(2, availableParallelism())
    const first = await runFiles(files, concurrency, options, environment)
    const again = words.includes('--again') && first.failed.length <= AGAIN_AT_MOST ? first.failed : []
    if (first.code === 0 || again.length === 0) return first.code
    console.log(`\nonce more, one by one: ${again.join(', ')}\n`)
    const second = await runFiles(again, 1, options, environment)
    if (second.code === 0) console.log(`\nFLAKY, failed beside others and passed alone: ${again.join(', ')}`)
    return second.code
  } finally {
    await database?.close()
  }
}

/** The exit code of one run, and the files in which a test failed. */
async function runFiles(files, concurrency, options, environment) {
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-tests-'))
  const list = join(folder, 'failed')
  const reporters = [
    ['spec', 'stdout'],
    [join(root, 'scripts', 'failed-files.mjs'), list],
  ].flatMap(([reporter, to]) => [`--test-reporter=${reporter}`, `--test-reporter-destination=${to}`])
  try {
    const limits = [`--test-concurrency=${concurrency}`, `--test-timeout=${TIMEOUT_MS}`]
    const code = await runNode(['--test', ...limits, ...reporters, ...options, ...files], environment)
    const failed = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : []
    return { code, failed: failed.map((file) => relative(root, file)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
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
