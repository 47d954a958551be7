import type { ImportSurvey } from '../../../src/contracts/import-survey.ts'
import type { ImportJob, ImportKind } from '../../../src/contracts/imports.ts'
import type { Client } from '../../../src/contracts/clients.ts'
import { call, problemOf, read } from '../../lib/api.ts'

export type { ImportJob, ImportKind, ImportSurvey }

export const importKeys = {
  clients: ['clients', 'active'] as const,
  job: (id: string) => ['imports', id] as const,
  errors: (id: string) => ['imports', 'errors', id] as const,
}

/** Enough for header and first rows. */
const beginningBytes = 524_288
const errorsShown = 8

export async function readClients(signal: AbortSignal): Promise<readonly Pick<Client, 'id' | 'name'>[]> {
  return (await read<{ data: Client[] }>('/api/clients?limit=200', signal)).data
}

const packed = /\.(gz|xlsx|xlsm)$/i

export const isWorkbook = (name: string): boolean => /\.xls[xm]$/i.test(name)

/** The beginning of a plain file; a packed one and a workbook can be read only whole. */
export async function surveyOf(file: File): Promise<ImportSurvey> {
  const form = new FormData()
  form.set('file', packed.test(file.name) ? file : file.slice(0, beginningBytes), file.name)
  return (await call<ImportSurvey>('POST', '/api/imports/survey', { form, idempotencyKey: crypto.randomUUID() })).data
}

export type Handing = {
  readonly file: File
  readonly clientId: string
  readonly mapping: string
  readonly isDryRun: boolean
}

export async function handIn({ file, clientId, mapping, isDryRun }: Handing): Promise<ImportJob> {
  const form = new FormData()
  form.set('mapping', mapping)
  form.set('clientId', clientId)
  form.set('dryRun', String(isDryRun))
  form.set('file', file, file.name)
  return (await call<ImportJob>('POST', '/api/imports', { form, idempotencyKey: crypto.randomUUID() })).data
}

export function readImport(id: string, signal: AbortSignal): Promise<ImportJob> {
  return read<ImportJob>(`/api/imports/${id}`, signal)
}

export function isOpen({ state }: Pick<ImportJob, 'state'>): boolean {
  return state === 'queued' || state === 'running'
}

export type RefusedRow = { readonly line: string; readonly column: string; readonly reason: string }

/** The first refused rows of a file of errors: line, column, code, reason, value. */
export async function readRefused(fileId: string, signal: AbortSignal): Promise<RefusedRow[]> {
  const path = `/api/files/${fileId}`
  const response = await fetch(path, { credentials: 'same-origin', signal })
  if (!response.ok) throw await problemOf(response, path)
  return refusedOf(await response.text(), errorsShown)
}

/** Rows of our own CSV of errors, the header left out. */
export function refusedOf(text: string, count: number): RefusedRow[] {
  const rows = [
    ...text.replace(/^\uFEFF/, '').matchAll(/(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*)){4}/g),
  ]
  return rows.slice(1, count + 1).map(([row]) => {
    const cells = [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
    )
    return { line: cells[0] ?? '', column: cells[1] ?? '', reason: cells[3] ?? '' }
  })
}
