#!/usr/bin/env node
// The Python side of the models: `node scripts/ml.mjs train --rows DIR --out DIR`, `node scripts/ml.mjs test`.
// The environment is made from ml/requirements.lock on first use, and again when that file changes.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { cache, root, Stop } from './paths.mjs'
import { run, withLock } from './processes.mjs'

const lockFile = join(root, 'ml', 'requirements.lock')
const folder = join(cache, 'ml')
const environment = join(folder, 'venv')
const stamp = join(folder, 'installed.sha256')
const PYTHON_MIN = [3, 11]

const python = () =>
  process.platform === 'win32' ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python')

const wanted = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex')
const isReady = () => existsSync(python()) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted()

/** The Python of the environment that ml/requirements.lock describes; does nothing when it is there. */
export async function ensurePython() {
  if (isReady()) return python()
  await withLock('ml', async () => {
    if (isReady()) return
    console.error('Making the Python environment of ml/ (first use, or ml/requirements.lock changed) ...')
    mkdirSync(folder, { recursive: true })
    rmSync(stamp, { force: true })
    rmSync(environment, { recursive: true, force: true })
    await succeed(await basePython(), ['-m', 'venv', environment], 'no virtual environment could be made')
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '-r', lockFile]
    await succeed(python(), args, 'packages of ml/requirements.lock could not be installed')
    writeFileSync(stamp, wanted())
  })
  return python()
}

async function basePython() {
  for (const name of [process.env.PYTHON, 'python3', 'python'].filter(Boolean)) {
    const code = `import sys; sys.exit(0 if sys.version_info[:2] >= (${PYTHON_MIN.join(', ')}) else 1)`
    const found = await run(name, ['-c', code], { quiet: true }).catch(() => ({ code: 1 }))
    if (found.code === 0) return name
  }
  throw new Stop(`Training needs Python ${PYTHON_MIN.join('.')} or newer: install it, or name it in PYTHON.`)
}

async function succeed(command, args, what) {
  const { code, output } = await run(command, args, { quiet: true })
  if (code !== 0) throw new Stop(`${what} (exit code ${code}):\n${output}`)
}

/**
 * Runs the package of ml/, or with `test` first its tests; answers the exit code. What it says goes to the terminal, or line
 * by line to `onLine(line, 'stdout' | 'stderr')`. Paths are those of where the caller stands.
 */
export async function runMl(args, { onLine } = {}) {
  const command = await ensurePython()
  const path = [join(root, 'ml'), process.env.PYTHONPATH].filter(Boolean).join(delimiter)
  const env = {
    ...process.env,
    PYTHONPATH: path,
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const call =
    args[0] === 'test'
      ? [
          '-m',
          'pytest',
          '-q',
          '-p',
          'no:cacheprovider',
          '--rootdir',
          join(root, 'ml'),
          join(root, 'ml'),
          ...args.slice(1),
        ]
      : ['-m', 'smartreturns_ml', ...args]
  const stdio = onLine === undefined ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe']
  const child = spawn(command, call, { env, stdio })
  for (const name of onLine === undefined ? [] : ['stdout', 'stderr']) {
    createInterface({ input: child[name] }).on('line', (line) => onLine(line, name))
  }
  const [code] = await once(child, 'close')
  return code ?? 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.exitCode = await runMl(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
