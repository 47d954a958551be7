import { createHash } from 'node:crypto'
import { photoReceiptSchema } from '#contracts/files.ts'
import { AppError } from '#kernel/errors.ts'
import { readFileRow } from '#platform/blobs/files.ts'
import { preparePhoto } from '#services/quality/index.ts'
import { z } from 'zod'
import { once } from '../once.ts'
import { readUpload } from '../uploads.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Files']

export function fileRoutes(api: Api, { ctx }: RouteContext): void {
  api.post(
    '/api/files',
    {
      config: { permission: 'files:write', limitPerMinute: 600 },
      bodyLimit: 11 * 1_048_576,
      schema: {
        tags,
        operationId: 'uploadPhoto',
        summary: 'Upload a photo (multipart/form-data, field `file`): checked by content, re-encoded, metadata dropped',
        consumes: ['multipart/form-data'],
        response: responses({ 201: ok(photoReceiptSchema, 'Kept') }, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { bytes } = await readUpload(request, 'photo')
      const photo = await preparePhoto(ctx, { actor: request.actor, requestId: request.id, bytes })
      const sent = { sha256: createHash('sha256').update(bytes).digest('hex') }
      const { body, isReplayed } = await once(ctx, request, reply, sent, async (tx) => ({
        status: 201,
        body: await photo.record(tx),
      }))
      if (isReplayed) await photo.discard()
      return reply.code(201).header('location', `/api/files/${body.fileId}`).send(body)
    },
  )

  api.get(
    '/api/files/:id',
    {
      config: { permission: 'files:read' },
      schema: {
        tags,
        operationId: 'readFile',
        summary: 'A stored photo or report',
        params: idParams,
        response: responses(
          { 200: { description: 'The bytes', content: { 'application/octet-stream': { schema: z.any() } } } },
          404,
        ),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const file = await readFileRow(ctx.db, id)
      const { actor } = request
      const isVisible =
        file !== null &&
        (file.createdBy === actor.id ||
          ((actor.clientIds === null || (file.clientId !== null && actor.clientIds.includes(file.clientId))) &&
            (actor.hubIds === null || file.hubId === null || actor.hubIds.includes(file.hubId)) &&
            (file.kind === 'photo' || actor.role === 'admin')))
      const bytes = isVisible ? await ctx.blobs.read(file.blobKey) : null
      if (!isVisible || bytes === null)
        throw new AppError('not_found', `no such file: ${id}`, { problem: 'file_unknown' })
      return (
        reply
          .type(file.mediaType)
          // Whatever it is, a browser that is led here saves it; pages show photos as pictures all the same.
          .header('content-disposition', `attachment; filename="${file.name.replaceAll(/[^\w.-]/g, '_')}"`)
          .header('cache-control', 'private, max-age=3600')
          .send(Buffer.from(bytes))
      )
    },
  )
}
