import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { cache, root, Stop } from './paths.mjs'

const VENV = join(cache, 'serving')
const LOCK = join(root, 'ml', 'serving-requirements.lock')
// Brings the rest in seconds where pip needs minutes.
const INSTALLER = 'uv==0.13.9'
const START_MS = 240_000
const STOP_MS = 8_000
const PORTS = {
  mlflow: 5000,
  scoring: 5001,
  openInference: 8090,
  openInferenceGrpc: 8091,
  openInferenceMetrics: 8092,
  feast: 6566,
  s3: 9100,
}
const local = (port) => `http://127.0.0.1:${port}`

/** Model that the servers answer with: the one that ships, else the small one of the tests. */
export function servedModel() {
  const shipped = join('data', 'models', 'returns')
  return existsSync(join(root, shipped, 'model.json')) ? shipped : join('test', 'fixtures', 'model-served')
}

/** Installs and starts MLflow, MLServer, Feast and an S3 server (moto) below `folder`, and answers their settings. What runs as it should is left alone. */
export async function startPythonEngines(folder) {
  install()
  mkdirSync(folder, { recursive: true })
  const [tracking, scoring, ...others] = serversOf(folder)
  await Promise.all([startScoring(folder, tracking, scoring), ...others.map((server) => ensureRunning(folder, server))])
  return {
    MLFLOW_URL: local(PORTS.mlflow),
    MLFLOW_SCORING_URL: local(PORTS.scoring),
    OPEN_INFERENCE_URL: local(PORTS.openInference),
    FEAST_URL: local(PORTS.feast),
    S3_URL: local(PORTS.s3),
    SERVED_MODEL: servedModel(),
    SERVING_PYTHON: join(VENV, 'bin', 'python'),
  }
}

/** The model is registered before it can be served by its alias. */
async function startScoring(folder, tracking, scoring) {
  await ensureRunning(folder, tracking)
  await python(['-m', 'serving.publish_model', join(root, servedModel())], {
    MLFLOW_TRACKING_URI: local(PORTS.mlflow),
  })
  await ensureRunning(folder, scoring)
}

export async function stopPythonEngines(folder) {
  if (!existsSync(folder)) return
  const names = readdirSync(folder).filter((name) => name.endsWith('.pid'))
  await Promise.all(names.map((name) => stop(folder, name.slice(0, -'.pid'.length))))
}

function serversOf(folder) {
  const feast = join(folder, 'feast')
  const mlserver = join(folder, 'mlserver')
  const artifacts = join(folder, 'mlflow-artifacts')
  const database = `sqlite:///${join(folder, 'mlflow.db')}`
  return [
    {
      name: 'mlflow',
      args: [
        ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', `${PORTS.mlflow}`, '--workers', '1'],
        ['--backend-store-uri', database, '--artifacts-destination', artifacts, '--serve-artifacts'],
      ].flat(),
      env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
      ready: `${local(PORTS.mlflow)}/health`,
    },
    {
      name: 'mlflow-scoring',
      args: [
        ['-m', 'mlflow', 'models', 'serve', '--model-uri', 'models:/returns@served', '--env-manager', 'local'],
        ['--host', '127.0.0.1', '--port', `${PORTS.scoring}`, '--workers', '1'],
      ].flat(),
      env: { MLFLOW_TRACKING_URI: local(PORTS.mlflow) },
      ready: `${local(PORTS.scoring)}/ping`,
      needsModel: true,
    },
    {
      name: 'mlserver',
      prepare: () => writeMlserver(mlserver),
      args: ['-c', 'from mlserver.cli import main; main()', 'start', mlserver],
      ready: `${local(PORTS.openInference)}/v2/models/returns/ready`,
      needsModel: true,
    },
    {
      name: 'feast',
      prepare: async () => {
        await python(['-m', 'serving.prepare_features', root, feast])
        await python(['-c', FEAST, 'apply'], feastEnv(feast), feast)
      },
      args: [
        '-c',
        FEAST,
        'serve',
        '--host',
        '127.0.0.1',
        '--port',
        `${PORTS.feast}`,
        '--workers',
        '1',
        '--no-access-log',
      ],
      env: feastEnv(feast),
      cwd: feast,
      ready: `${local(PORTS.feast)}/health`,
    },
    {
      name: 's3',
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${PORTS.s3}`],
      ready: `${local(PORTS.s3)}/moto-api/`,
    },
  ]
}

const FEAST = 'from feast.cli.cli import cli; cli()'

function feastEnv(folder) {
  return { SMARTRETURNS_ROOT: root, SMARTRETURNS_FEATURES: folder, FEAST_USAGE: 'False' }
}

function writeMlserver(folder) {
  mkdirSync(folder, { recursive: true })
  const settings = {
    host: '127.0.0.1',
    http_port: PORTS.openInference,
    grpc_port: PORTS.openInferenceGrpc,
    metrics_port: PORTS.openInferenceMetrics,
    parallel_workers: 0,
    debug: false,
  }
  const uri = join(root, servedModel())
  const { version } = JSON.parse(readFileSync(join(uri, 'model.json'), 'utf8'))
  const model = {
    name: 'returns',
    platform: 'smartreturns',
    implementation: 'serving.open_inference_runtime.ReturnsRuntime',
    parameters: { uri, version },
  }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
  writeFileSync(join(folder, 'model-settings.json'), JSON.stringify(model))
}

/** Exactly the packages of the lock file, unless they are there. */
function install() {
  const stamp = join(VENV, 'installed')
  const wanted = createHash('sha256').update(readFileSync(LOCK)).update(INSTALLER).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.log('Installing the model servers (Python packages) ...')
  rmSync(VENV, { recursive: true, force: true })
  command(findPython(), ['-m', 'venv', VENV])
  const pip = [join(VENV, 'bin', 'python'), '-m', 'pip', '--disable-pip-version-check', 'install', '--quiet']
  const isFast = spawnSync(pip[0], [...pip.slice(1), INSTALLER], { stdio: 'inherit' }).status === 0
  const wheels = ['--require-hashes', '-r', LOCK]
  if (isFast)
    command(join(VENV, 'bin', 'uv'), ['pip', 'install', '--quiet', '--python', join(VENV, 'bin', 'python'), ...wheels])
  else command(pip[0], [...pip.slice(1), ...wheels])
  writeFileSync(stamp, wanted)
}

function findPython() {
  const found = ['/usr/bin/python3.11', 'python3.11', 'python3'].find((name) => {
    const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(sys.version_info[:2])'], { encoding: 'utf8' })
    return status === 0 && stdout.trim() === '(3, 11)'
  })
  if (!found) throw new Stop('the model servers need Python 3.11: none was found')
  return found
}

function environment(extra = {}) {
  // MLflow looks for its server's program on the path.
  const path = `${join(VENV, 'bin')}:${process.env.PATH ?? ''}`
  return { ...process.env, PATH: path, PYTHONPATH: join(root, 'ml'), PYTHONUNBUFFERED: '1', ...extra }
}

/** Beside what else starts: a look at a server that waits for us would count as no answer. */
function python(args, env = {}, cwd = root) {
  const child = spawn(join(VENV, 'bin', 'python'), args, {
    env: environment(env),
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Stop(`python ${args.slice(0, 2).join(' ')} failed with exit code ${code}`)),
    )
  })
}

async function ensureRunning(folder, server) {
  const { name, ready } = server
  const pidFile = join(folder, `${name}.pid`)
  const stamp = stampOf(server)
  const running = readRunning(pidFile)
  if (running !== null && running.stamp === stamp && (await answers(ready))) return
  await stop(folder, name)
  await server.prepare?.()
  const log = openSync(join(folder, `${name}.log`), 'w')
  const child = spawn(join(VENV, 'bin', 'python'), server.args, {
    cwd: server.cwd ?? folder,
    env: environment(server.env),
    detached: true,
    stdio: ['ignore', log, log],
  })
  let failure = null
  child.on('exit', (code) => (failure = `it ended with exit code ${code}`))
  child.unref()
  writeFileSync(pidFile, JSON.stringify({ pid: child.pid, stamp }))
  const until = Date.now() + START_MS
  while (!(await answers(ready))) {
    if (Date.now() > until) failure = 'no answer'
    if (failure !== null) throw new Stop(`${name} did not start: ${failure}; see ${join(folder, `${name}.log`)}`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** What it was started with: a change of the packages, the command, its code or its model starts it anew. */
function stampOf({ args, env = {}, needsModel }) {
  const hash = createHash('sha256')
    .update(JSON.stringify([args, env]))
    .update(readFileSync(LOCK))
  const code = join(root, 'ml', 'serving')
  const files = readdirSync(code, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.py'))
  for (const name of files.toSorted()) hash.update(readFileSync(join(code, name)))
  hash.update(readFileSync(join(root, 'data', 'features', 'returns.v1.json')))
  if (needsModel) hash.update(readFileSync(join(root, servedModel(), 'model.json')))
  return hash.digest('hex')
}

function readRunning(pidFile) {
  try {
    const { pid, stamp } = JSON.parse(readFileSync(pidFile, 'utf8'))
    // A number may have passed to another process since.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(VENV) ? { pid, stamp } : null
  } catch {
    return null
  }
}

async function stop(folder, name) {
  const pidFile = join(folder, `${name}.pid`)
  const running = readRunning(pidFile)
  if (running !== null) {
    const until = Date.now() + STOP_MS
    signalGroup(running.pid, 'SIGTERM')
    while (readRunning(pidFile) !== null && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100))
    signalGroup(running.pid, 'SIGKILL')
  }
  rmSync(pidFile, { force: true })
}

/** Each server leads a group of its own, with its workers. */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Not by `fetch`: it refuses the usual port of Feast. */
function answers(url) {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 2000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}

function command(name, args, options) {
  const { status, error } = spawnSync(name, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
  if (error) throw new Stop(`${name} can't be run: ${error.message}`)
  if (status !== 0) throw new Stop(`${name} ${args.slice(0, 3).join(' ')} failed with exit code ${status}`)
}
