import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import assert from 'node:assert/strict'

type Source = { readonly path: string; readonly text: string }

const ROOT = resolve(import.meta.dirname, '..')
const LINES_MAX = 300

// Folder → what it may import besides itself (style.md 4). The first pattern that matches a file counts.
const platformPorts = /^src\/platform\/[^/]+\/port\.ts$/
const integrationPorts = /^src\/integrations\/[^/]+\/port\.ts$/
const kernel = /^src\/kernel\//
const contracts = /^src\/contracts\//
const context = /^src\/context\.ts$/
const everyService = /^src\/services\/[^/]+\/index\.ts$/
const shared = /^src\/platform\/(telemetry|resilience|auth)\//
// What the platform keeps of itself (audit, jobs, files, answers) is shown without a service between.
const entrance = [
  kernel,
  contracts,
  context,
  shared,
  platformPorts,
  /^src\/platform\/(events\/(audit|audit-export|verify|invariants|checkpoint(s|-copies|-store)|refusals)|jobs\/(store|dead-letters)|blobs\/files|idempotency\/store|db\/(inspect|scope)|secrets\/rotate)\.ts$/,
  /^src\/platform\/webhooks\//,
  /^src\/flows\//,
  everyService,
]
const layers: readonly (readonly [RegExp, readonly RegExp[]])[] = [
  [/^src\/kernel\//, []],
  [/^src\/contracts\//, [kernel]],
  // Roles and scopes are told to callers, so they stand in the contracts.
  [/^src\/platform\/auth\//, [kernel, contracts, platformPorts, /^src\/platform\/(telemetry|resilience)\//]],
  // Lists, audit records and jobs are shown to callers as the platform keeps them.
  [
    /^src\/platform\/(events|jobs)\//,
    [kernel, platformPorts, /^src\/platform\/(telemetry|resilience)\//, /^src\/contracts\/(lists|audit|jobs)\.ts$/],
  ],
  // Who is told what stands in the contracts; how an address of a person is called is a port.
  [
    /^src\/platform\/webhooks\//,
    [
      kernel,
      platformPorts,
      /^src\/platform\/(telemetry|resilience)\//,
      /^src\/contracts\/webhooks\.ts$/,
      /^src\/integrations\/outbound\/port\.ts$/,
    ],
  ],
  [/^src\/platform\//, [kernel, platformPorts, /^src\/platform\/(telemetry|resilience)\//]],
  // Letters go along with the caller's transaction.
  [/^src\/integrations\/mail\/port\.ts$/, [kernel, contracts, /^src\/platform\/db\/port\.ts$/]],
  [/^src\/integrations\/[^/]+\/port\.ts$/, [kernel, contracts]],
  [
    /^src\/integrations\//,
    [
      kernel,
      contracts,
      /^src\/integrations\/http\.ts$/,
      /^src\/platform\/(resilience|telemetry)\//,
      // Engines on our own tables keep files of theirs as blobs.
      /^src\/platform\/(db|blobs)\/port\.ts$/,
    ],
  ],
  // Who asks is part of the context.
  [/^src\/context\.ts$/, [/^src\/platform\/auth\/actor\.ts$/, platformPorts, integrationPorts, kernel, contracts]],
  [/^src\/services\//, [kernel, contracts, context, platformPorts, integrationPorts]],
  // One transaction joins the rows of several services, the stored answers and the log: only a flow can do that.
  [
    /^src\/flows\//,
    [
      kernel,
      contracts,
      context,
      everyService,
      platformPorts,
      /^src\/platform\/(events\/scratch|idempotency\/batch|retention\/store|db\/scope|webhooks\/(delivery-)?store)\.ts$/,
    ],
  ],
  // The laboratory measures the decision engine from within; it is not served.
  [/^src\/lab\//, [kernel, contracts, integrationPorts, /^src\/services\/recommendation\//]],
  [/^src\/cli\//, [...entrance, /^src\/lab\//]],
  [/^src\/gateway\//, entrance],
  [/^src\/app\//, [/^src\//, /^web\/server\.ts$/]],
  [/^web\//, [kernel, contracts]],
]

// A word → the files that may have it.
const fences: readonly (readonly [string, RegExp, RegExp])[] = [
  [
    'process.env',
    /\bprocess\.env\b/,
    /^(src\/app\/config\.ts|web\/lib\/env\.ts|web\/next\.config\.\w+|scripts\/|test\/|bench\/)|\.test\.ts$/,
  ],
  ['pg', /from 'pg'|import\('pg'\)/, /^src\/platform\/db\//],
  [
    '.query(',
    /\.query(<[^(]*>)?\(/,
    /^(src\/platform\/|test\/|bench\/|scripts\/)|(store|\/tables|\/outbox)\.ts$|\.test\.ts$/,
  ],
]
// Facts of the moment come in as arguments (ctx.now, ids made at the edge).
const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/
const pureFolders = /^src\/(services|flows)\//

test('the sources keep the rules of the architecture', () => {
  const sources = readSources(['src', 'web', 'test', 'bench', 'scripts'])
  assert.ok(sources.length > 20, 'no sources were found')
  assert.deepEqual(violationsOf(sources), [])
})

test('every rule finds its violation', () => {
  const planted: readonly (readonly [string, string, string])[] = [
    ['src/kernel/x.ts', `import { a } from '#contracts/codes.ts'`, 'may not import'],
    ['src/platform/cache/x.ts', `import { a } from '../db/postgres.ts'`, 'may not import'],
    ['src/services/returns/x.ts', `import { a } from '#services/hubs/index.ts'`, 'may not import'],
    ['src/services/returns/x.ts', `import { a } from '#integrations/routing/haversine.ts'`, 'may not import'],
    ['src/flows/x.ts', `import type { a } from '#services/hubs/store.ts'`, 'may not import'],
    ['src/gateway/routes/x.ts', `const a = await import('#platform/db/postgres.ts')`, 'may not import'],
    ['src/gateway/x.ts', `export { a } from '#app/compose.ts'`, 'may not import'],
    ['src/integrations/routing/port.ts', `import { a } from '#platform/db/port.ts'`, 'may not import'],
    ['web/features/x.tsx', `import { a } from '../../src/services/hubs/index.ts'`, 'may not import'],
    ['src/services/returns/x.ts', `const a = process.env['A']`, 'process.env'],
    ['src/services/returns/store.ts', `import pg from 'pg'`, 'pg'],
    ['src/services/returns/record.ts', `await tx.query<{ id: string }>('select 1')`, '.query('],
    ['src/flows/x.ts', `const at = Date.now()`, 'facts of the moment'],
    ['src/services/hubs/x.ts', `const at = new Date()`, 'facts of the moment'],
    ['src/services/hubs/x.ts', `const r = Math.random()`, 'facts of the moment'],
    ['src/lab/x.ts', `import { a } from '#integrations/inference/tables.ts'`, 'may not import'],
    ['src/gateway/x.ts', `import { a } from '#lab/laboratory.ts'`, 'may not import'],
    ['src/cli/x.ts', 'a\n'.repeat(LINES_MAX + 1), 'lines'],
  ]
  for (const [path, text, expected] of planted) {
    const found = violationsOf([{ path, text }])
    assert.equal(found.length, 1, `${path}: ${text.slice(0, 60)}`)
    assert.match(found[0] ?? '', new RegExp(expected.replaceAll(/[.(]/g, String.raw`\$&`)))
  }
  const ring = ['a', 'b', 'c'].map((name, index, all) => ({
    path: `src/flows/${name}.ts`,
    text: `import { x } from './${all[(index + 1) % 3]}.ts'`,
  }))
  assert.match(violationsOf(ring).join(), /cycle: src\/flows\/a\.ts/)
})

test('what is allowed is not refused', () => {
  const clean: readonly Source[] = [
    {
      path: 'src/services/returns/store.ts',
      text: `import { x } from '#kernel/ids.ts'\nawait tx.query('select 1')`,
    },
    {
      path: 'src/services/returns/x.ts',
      text: `import { y } from './store.ts'\n// Date.now() is not called here`,
    },
    {
      path: 'src/flows/x.ts',
      text: `import { z } from '#services/hubs/index.ts'\nimport type { C } from '#context.ts'`,
    },
    { path: 'src/app/compose.ts', text: `import { z } from '#integrations/routing/haversine.ts'` },
    { path: 'src/app/config.ts', text: `const a = process.env` },
  ]
  assert.deepEqual(violationsOf(clean), [])
})

function violationsOf(sources: readonly Source[]): string[] {
  return [...sources.flatMap((source) => [...wrongImports(source), ...wrongWords(source)]), ...cyclesOf(sources)]
}

function wrongImports({ path, text }: Source): string[] {
  const layer = path.endsWith('.test.ts') ? undefined : layers.find(([files]) => files.test(path))
  if (!layer) return []
  const home = path.startsWith('web/') ? 'web/' : `${path.split('/').slice(0, depthOf(path)).join('/')}/`
  return importsOf({ path, text })
    .filter((target) => !target.startsWith(home) && !layer[1].some((allowed) => allowed.test(target)))
    .map((target) => `${path} may not import ${target}`)
}

/** A platform part, an integration or a service is one folder; elsewhere the top folder is. */
function depthOf(path: string): number {
  return /^src\/(platform|integrations|services)\//.test(path) ? 3 : 2
}

function wrongWords({ path, text }: Source): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
  const found = fences
    .filter(([, word, allowed]) => word.test(code) && !allowed.test(path))
    .map(([name]) => `${path} uses ${name}`)
  if (pureFolders.test(path) && !path.endsWith('.test.ts') && impure.test(code))
    found.push(`${path} makes facts of the moment itself`)
  const lines = text.trimEnd().split('\n').length
  if (path.startsWith('src/') && lines > LINES_MAX) found.push(`${path} has ${lines} lines`)
  return found
}

/** Our own files that a source imports, types and dynamic imports included, as paths from the root. */
function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')
  return specifiers
    .filter((specifier) => specifier.startsWith('.') || specifier.startsWith('#'))
    .map((specifier) => (specifier.startsWith('#') ? `src/${specifier.slice(1)}` : join(dirname(path), specifier)))
}

/** Cycles of imports that stand at run time; `import type` leaves nothing behind. */
function cyclesOf(sources: readonly Source[]): string[] {
  const graph = new Map(
    sources.map(({ path, text }) => {
      const atRunTime = text.replaceAll(/^(import|export) type [\s\S]*?from '[^']+'/gm, '')
      return [path, importsOf({ path, text: atRunTime })]
    }),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
    if (done.has(path) || trail.includes(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}

function readSources(folders: readonly string[]): Source[] {
  return folders
    .flatMap((folder) => filesOf(join(ROOT, folder)))
    .map((file) => ({
      path: relative(ROOT, file),
      text: readFileSync(file, 'utf8'),
    }))
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['node_modules', '.next'].includes(entry.name) ? [] : filesOf(path)
    return /\.(ts|tsx)$/.test(entry.name) && path !== import.meta.filename ? [path] : []
  })
}
