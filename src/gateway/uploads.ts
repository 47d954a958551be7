import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { AppError } from '#kernel/errors.ts'

export type Upload = { readonly part: MultipartFile; readonly bytes: Buffer }

/** The one file of a form. What is no form, or a broken one, is the sender's fault, however the parser words it. */
export async function readUpload(request: FastifyRequest, what: string, bytesMax?: number): Promise<Upload> {
  if (!request.isMultipart() || !/;\s*boundary=/i.test(request.headers['content-type'] ?? ''))
    throw new AppError('unsupported_media_type', `send multipart/form-data with the ${what} in the field file`)
  try {
    const part = await request.file(bytesMax === undefined ? {} : { limits: { fileSize: bytesMax } })
    if (part === undefined) throw new AppError('invalid', 'there is no file in the form', { problem: 'file_missing' })
    return { part, bytes: await part.toBuffer() }
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    if (error instanceof AppError || statusCode !== undefined) throw error
    throw new AppError('invalid', 'the form is broken: send it anew', { problem: 'form_malformed', cause: error })
  }
}
