import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { cache, modernNode, root, Stop } from './paths.mjs'
import { run, withLock } from './processes.mjs'

// Next writes the last two itself.
const IGNORED = new Set(['node_modules', '.next', 'next-env.d.ts', 'tsconfig.json'])
const stampFile = join(root, 'web', '.next', 'smartreturns-build')

/** Builds the web pages unless they were built from exactly these sources. */
export async function ensureWebBuilt() {
  if (!existsSync(join(root, 'web', 'app')) || isBuilt()) return
  await withLock('web-build', async () => {
    if (isBuilt()) return
    console.log('Building the web pages (first start, or their sources changed) ...')
    const hash = sourcesHash()
    rmSync(stampFile, { force: true })
    const next = join(root, 'node_modules', 'next', 'dist', 'bin', 'next')
    const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
    const { code, output, tookMs } = await run(modernNode(), [next, 'build', 'web'], { env, quiet: true })
    mkdirSync(cache, { recursive: true })
    writeFileSync(join(cache, 'web-build.log'), output)
    if (code !== 0) throw new Stop(`${output}\nBuilding the web pages failed with exit code ${code}.`)
    writeFileSync(stampFile, hash)
    console.log(`Web pages built in ${Math.round(tookMs / 1000)} s.`)
  })
}

function isBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourcesHash()
}

function sourcesHash() {
  const hash = createHash('sha256')
  const shared = ['src/contracts', 'src/kernel'].flatMap((folder) => filesOf(join(root, folder)))
  for (const file of [...filesOf(join(root, 'web')), ...shared, join(root, 'package-lock.json')]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) => !IGNORED.has(entry.name) && !entry.name.endsWith('.tsbuildinfo') && !entry.name.includes('.test.'),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesOf(path)
      return entry.isFile() ? [path] : []
    })
}
