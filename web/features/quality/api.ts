import type { QualityCheck } from '../../../src/contracts/quality.ts'
import type { Rubric } from '../../../src/contracts/reference.ts'
import { call, read } from '../../lib/api.ts'

export const qualityKey = (returnId: string) => ['quality', returnId] as const

/** By the id of a rubric, or of a category that it grades. */
export function readRubric(id: string, signal: AbortSignal): Promise<Rubric> {
  return read<Rubric>(`/api/quality/rubrics/${encodeURIComponent(id)}`, signal)
}

/** The current check first. */
export async function readChecks(returnId: string, signal: AbortSignal): Promise<readonly QualityCheck[]> {
  const { data } = await read<{ data: readonly QualityCheck[] }>(`/api/quality/${returnId}`, signal)
  return data
}

/** The caller keeps the key, so that a photo whose answer was lost is not stored twice. */
export async function storePhoto(photo: Blob, idempotencyKey: string): Promise<string> {
  const form = new FormData()
  form.set('file', photo, 'photo.jpg')
  const { data } = await call<{ fileId: string }>('POST', '/api/files', { form, idempotencyKey })
  return data.fileId
}

export function photoUrl(fileId: string): string {
  return `/api/files/${fileId}`
}
