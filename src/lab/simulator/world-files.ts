import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { routes } from '#contracts/codes.ts'
import { splitNames } from './names.ts'
import { simulatorParamsSchema } from './params.ts'

/** Shape of `world.json` and the names of the files beside it. */

export const truthColumns = ['EU0', 'EU1', 'ENRV0', 'ENRV1', 'nrv', 'u'] as const
/** Of every option that no rule of fact takes away, also where an estimate excludes it from A(i). */
export const possibleColumns = ['EU0', 'EU1'] as const

export const worldSchema = z.strictObject({
  format: z.literal(1),
  seed: z.int().nonnegative(),
  scale: z.number().positive(),
  params: simulatorParamsSchema,
  contract: z.strictObject({ name: z.string(), hash: z.string() }),
  /** In the order of the columns of truth. */
  options: z.array(z.strictObject({ route: z.enum(routes as unknown as [string, ...string[]]), channel: z.string() })),
  splits: z.record(
    z.enum(splitNames),
    z.strictObject({ count: z.int().positive(), kind: z.enum(['all_outcomes', 'logged']) }),
  ),
  dataVersions: z.record(z.string(), z.string()),
})
export type WorldFile = z.infer<typeof worldSchema>

/** Float32 files are little endian, as every machine that we run on is. */
export function writeFloats(path: string, values: Float32Array): void {
  writeFileSync(path, Buffer.from(values.buffer, values.byteOffset, values.byteLength))
}

export function readFloats(path: string): Float32Array {
  const bytes = readFileSync(path)
  if (bytes.byteLength % 4 !== 0) throw new Error(`${path}: ${bytes.byteLength} bytes are no float32 numbers`)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

export function hashOf(...parts: readonly Float32Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(Buffer.from(part.buffer, part.byteOffset, part.byteLength))
  return hash.digest('hex')
}

/** Writes one JSON value a line, some hundred at a time. */
export function openLines(folder: string, name: string): { write: (value: unknown) => void; close: () => void } {
  const file = openSync(join(folder, name), 'w')
  let waiting: string[] = []
  const flush = () => {
    if (waiting.length > 0) writeSync(file, `${waiting.join('\n')}\n`)
    waiting = []
  }
  return {
    write: (value) => {
      waiting.push(JSON.stringify(value))
      if (waiting.length >= 500) flush()
    },
    close: () => {
      flush()
      closeSync(file)
    },
  }
}

export function readLines<T>(path: string): T[] {
  const lines: T[] = []
  const bytes = readFileSync(path)
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(10, from)
    const to = end < 0 ? bytes.length : end
    lines.push(JSON.parse(bytes.toString('utf8', from, to)) as T)
    from = to + 1
  }
  return lines
}
