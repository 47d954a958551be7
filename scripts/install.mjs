import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, Stop } from './paths.mjs'
import { run, withLock } from './processes.mjs'

/** Installs the packages of package-lock.json unless exactly they are there. */
export async function ensureInstalled() {
  if (isInstalled()) return
  await withLock('install', async () => {
    if (isInstalled()) return
    console.log('Installing packages (first start, or package-lock.json changed) ...')
    // Exactly what package-lock.json says, like `npm ci`; but that refuses a lock file which was written where the registry
    // lacks the optional packages of other platforms, and takes the running program's packages away before it begins.
    const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
    const { code, tookMs } = await run(...npm(args), { env: { NODE_ENV: '' } })
    if (code !== 0) {
      throw new Stop(
        `npm install failed with exit code ${code}; the lines above say why. ` +
          `(Packages come from the npm registry: if it can't be reached, look at the network and the proxy.)`,
      )
    }
    console.log(`Packages installed in ${Math.round(tookMs / 1000)} s.`)
  })
}

function npm(args) {
  const script = process.env.npm_execpath
  return script?.endsWith('npm-cli.js') ? [process.execPath, [script, ...args]] : ['npm', args]
}

/** npm writes down what it has installed as its last step; that list is compared with package-lock.json. */
function isInstalled() {
  const listFile = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(listFile)) return false
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const found = packagesOf(listFile)
  return Object.entries(wanted).every(([path, { version, link, optional, os, cpu }]) => {
    if (path === '' || link || !path.includes('node_modules/')) return true
    if (path in found) return found[path].version === version
    return optional === true || !suits(os, process.platform) || !suits(cpu, process.arch)
  })
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

function suits(allowed, ours) {
  return allowed === undefined || [allowed].flat().includes(ours)
}
