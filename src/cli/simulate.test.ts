import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { shippedJson } from '../../test/support/simulated-world.ts'

const root = mkdtempSync(join(tmpdir(), 'simulate-'))
after(() => rmSync(root, { recursive: true }))

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The real command line, in a process of its own. */
function run(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/app/cli.ts', 'simulate', ...words], {
    cwd: repository,
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

describe('simulate', () => {
  it('writes a world with the parameters that ship, and its summary as JSON', () => {
    const folder = join(root, 'world')
    const { code, out } = run('--seed', '3', '--out', folder, '--scale', '0.0005', '--json')
    assert.equal(code, 0)
    const summary = JSON.parse(out) as { seed: number; units: number }
    assert.deepEqual([summary.seed, summary.units], [3, 20 + 5 + 10 + 3 + 3 + 3 + 10])
    assert.ok(readdirSync(folder).includes('world.json'))
  })

  it('names every bad parameter and writes nothing', () => {
    const json = shippedJson()
    json.parameters['rto']!.value = { '': 7 }
    json.parameters['period']!.value = ['yesterday', '2026-01-01']
    const file = join(root, 'bad.json')
    writeFileSync(file, JSON.stringify(json))
    const { code, err } = run('--seed', '3', '--params', file, '--out', join(root, 'none'))
    assert.equal(code, 1)
    assert.match(err, /\/parameters\/rto/)
    assert.match(err, /\/parameters\/period/)
    assert.ok(!readdirSync(root).includes('none'))
  })

  it('refuses files that are no parameters and seeds that are no numbers', () => {
    const file = join(root, 'text.json')
    writeFileSync(file, 'not json')
    assert.match(run('--seed', '3', '--params', file, '--out', root).err, /is not JSON/)
    assert.match(run('--seed', '3', '--params', join(root, 'gone'), '--out', root).err, /cannot be read/)
    assert.equal(run('--seed', 'x', '--out', root).code, 2)
    assert.equal(run('--seed', '1', '--out', root, '--scale', '0').code, 2)
  })
})
