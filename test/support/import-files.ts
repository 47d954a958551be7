import { createReadStream, existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ImportMapping } from '#contracts/imports.ts'
import { readMappingFile, type ImportSource } from '#services/returns/index.ts'

const root = join(import.meta.dirname, '..', '..')
const dataFolder = process.env['SMARTRETURNS_TEST_DATA'] ?? join(root, '..', 'shared', 'data')

export function textSource(text: string, name = 'made.csv'): ImportSource {
  const bytes = Buffer.from(text)
  return {
    name,
    bytes: bytes.length,
    open: async function* () {
      for (let i = 0; i < bytes.length; i += 16_384) yield bytes.subarray(i, i + 16_384)
      await Promise.resolve()
    },
  }
}

/** A real file that is only for tests; null, and said so, where it is not there. */
export function realFile(t: TestContext, path: string): ImportSource | null {
  const full = join(dataFolder, path)
  if (!existsSync(full)) {
    t.diagnostic(`${path} is not there: the test runs on generated rows only`)
    return null
  }
  return {
    name: basename(full),
    bytes: statSync(full).size,
    open: () => createReadStream(full, { highWaterMark: 262_144 }),
  }
}

export function shippedMapping(name: string): Promise<ImportMapping> {
  return readMappingFile(join(root, 'data', 'mappings', `${name}.json`))
}

/** A table of returns as `smartreturns-csv` reads it; `bad` names rows that get a price which is none. */
export function returnsTable(
  rows: number,
  { bad = [], prefix = 'R' }: { bad?: readonly number[]; prefix?: string } = {},
): string {
  const wrong = new Set(bad)
  const lines = ['clientRef,title,categoryId,price,orderRef,orderedAt,deliveredAt,requestedAt,reasonCode,pickupPincode']
  for (let i = 0; i < rows; i++) {
    const price = wrong.has(i) ? 'much' : `"₹1,${100 + (i % 900)}.50"`
    lines.push(
      `${prefix}-${i},"Kurta, no ${i}",fashion.apparel.ethnic,${price},O-${i},2026-11-01,2026-11-08,2026-11-${10 + (i % 9)},size_or_fit,560034`,
    )
  }
  return `${lines.join('\n')}\n`
}
