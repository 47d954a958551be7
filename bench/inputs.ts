import { createReadStream, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readFile } from 'node:fs/promises'
import type { Command, CommandActor, ReceiveInput } from '#contracts/commands.ts'
import { importMappingSchema } from '#contracts/imports.ts'
import type { importFile } from '#flows/import-returns.ts'
import { uuidv7 } from '#kernel/ids.ts'

type ImportArguments = Parameters<typeof importFile>

const actor: CommandActor = { kind: 'system', id: 'bench', role: 'system', hubIds: null, clientIds: null }

/** Source and options of an import of our own table. */
export async function importOf(file: string, clientId: string): Promise<[ImportArguments[1], ImportArguments[2]]> {
  const text = await readFile(join(import.meta.dirname, '../data/mappings/smartreturns-csv.json'), 'utf8')
  const source = {
    name: basename(file),
    bytes: statSync(file).size,
    open: () => createReadStream(file, { highWaterMark: 262_144 }),
  }
  return [source, { clientId, actor, mapping: importMappingSchema.parse(JSON.parse(text)) }]
}

export function receiveOf(returnId: string): Command<ReceiveInput> {
  return { actor, requestId: `bench-${uuidv7(Date.now())}`, idempotency: null, input: { returnId, ifVersion: null } }
}
