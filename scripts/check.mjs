import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { modernNode, root } from './paths.mjs'
import { run } from './processes.mjs'

/** Types, lint, format and architecture, side by side; answers 0 when all are clean. */
export async function runChecks() {
  const checks = [
    ['types', 'tsc', '-p', '.'],
    ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
    ['format', 'oxfmt', '--check'],
  ]
  if (existsSync(join(root, 'web', 'tsconfig.json'))) checks.push(['web types', 'tsc', '-p', 'web'])
  const runs = checks.map(([name, tool, ...args]) => check(name, [binary(tool), ...args]))
  runs.push(check('architecture', ['--test', join('test', 'architecture.test.ts')]))
  const codes = await Promise.all(runs)
  return codes.some((code) => code !== 0) ? 1 : 0
}

async function check(name, args) {
  const { code, output, tookMs } = await run(modernNode(), args, { quiet: true })
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${(tookMs / 1000).toFixed(1)} s)`)
  if (code !== 0) console.log(output)
  return code
}

function binary(tool) {
  return realpathSync(join(root, 'node_modules', '.bin', tool))
}
