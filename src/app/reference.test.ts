import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { rubricKey } from '#contracts/reference.ts'
import { readReference } from './reference.ts'

const shipped = join(import.meta.dirname, '../../data')

/** A copy of what ships, with one file changed. */
async function withChanged(
  file: string,
  change: (text: string) => string,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'reference-'))
  try {
    for (const part of ['categories.json', 'rubrics', 'esg', 'decision', 'features']) {
      await cp(join(shipped, part), join(folder, part), { recursive: true })
    }
    const path = join(folder, file)
    await writeFile(path, change(await readFile(path, 'utf8')))
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('reference data', () => {
  it('ships whole and consistent', async () => {
    const reference = await readReference(shipped)
    assert.equal(reference.esg.factors.size, 322)
    assert.equal(reference.esg.factors.get('in.cea.v21.grid.avg')?.kgco2ePerUnit, 0.71)
    assert.equal(reference.esg.factors.get('gb.2025.rail.freight.tkm')?.low, null)
    assert.ok(reference.categories.size >= 30)
    for (const rubric of reference.rubrics.values()) {
      assert.equal(reference.rubricsByRevision.get(rubricKey(rubric.id, rubric.revision)), rubric)
    }
    assert.equal(reference.versions['esgMethod'], reference.esg.method.version)
  })

  it('stops at a file that is wrong, naming it and the place', async () => {
    await withChanged(
      'rubrics/phone.v1.json',
      (text) => text.replace('"gradeCap": "C"', '"gradeCap": "Z"'),
      (folder) => assert.rejects(readReference(folder), /phone\.v1\.json .*gradeCap/),
    )
    await withChanged(
      'rubrics/phone.v1.json',
      (text) => text.replace('"revision": 1', '"revision": 2'),
      (folder) => assert.rejects(readReference(folder), /phone revision 2/),
    )
    await withChanged(
      'categories.json',
      (text) => text.replace('product.laptop.manufacture', 'product.lamp'),
      (folder) => assert.rejects(readReference(folder), /unknown factor product\.lamp/),
    )
    await withChanged(
      'esg/factors.csv',
      (text) => text.replace('weighted average incl. renewables, FY 2024-25",kWh,0.71,', 'x",kWh,0.72,'),
      (folder) => assert.rejects(readReference(folder), /emissions\.json has 0\.71 .* 0\.72/),
    )
  })
})
