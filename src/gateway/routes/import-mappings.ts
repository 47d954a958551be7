import { z } from 'zod'
import { importMappingSchema, savedMappingSchema, savedMappingsSchema } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import type { Outcome } from '#kernel/outcome.ts'
import {
  checkMapping,
  listMappings,
  readMapping,
  recordMapping,
  removeMapping,
  type SavedMapping,
} from '#services/returns/index.ts'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Imports']
const config = { permission: 'imports:write' } as const
const params = z.strictObject({ name: z.string().max(64) })

export function importMappingRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/import-mappings',
    {
      config,
      schema: {
        tags,
        operationId: 'listImportMappings',
        summary: 'How the columns of files become our fields',
        response: responses({ 200: ok(savedMappingsSchema, 'All mappings, by name') }),
      },
    },
    async () => ({ data: (await listMappings(ctx.db)).map(shown) }),
  )

  api.get(
    '/api/import-mappings/:name',
    {
      config,
      schema: {
        tags,
        operationId: 'readImportMapping',
        summary: 'One mapping',
        params,
        response: responses({ 200: ok(savedMappingSchema, 'The mapping') }, 404),
      },
    },
    async (request, reply) => sendVersioned(request, reply, shown(await known(request.params.name))),
  )

  api.post(
    '/api/import-mappings',
    {
      config,
      schema: {
        tags,
        operationId: 'createImportMapping',
        summary: 'Save a mapping under a new name',
        body: importMappingSchema,
        response: responses({ 201: ok(savedMappingSchema, 'Saved') }, 409, 422),
      },
    },
    async (request, reply) => {
      const mapping = usable(checkMapping(request.body))
      if ((await readMapping(ctx.db, mapping.name)) !== null)
        throw new AppError('conflict', `there is a mapping ${mapping.name} already`, { problem: 'mapping_name_taken' })
      await recordMapping(ctx.db, mapping, request.actor.id, new Date(ctx.now()))
      return reply
        .code(201)
        .header('location', `/api/import-mappings/${mapping.name}`)
        .header('etag', `"${mapping.version}"`)
        .send(shown(await known(mapping.name)))
    },
  )

  api.put(
    '/api/import-mappings/:name',
    {
      config,
      schema: {
        tags,
        operationId: 'replaceImportMapping',
        summary: 'Replace a mapping by its next version',
        params,
        body: importMappingSchema,
        response: responses({ 200: ok(savedMappingSchema, 'Replaced') }, 404, 409, 412, 422, 428),
      },
    },
    async (request, reply) => {
      const mapping = usable(checkMapping(request.body))
      const seen = requireIfMatch(request)
      const before = changeable(await known(request.params.name), seen)
      if (mapping.name !== before.mapping.name)
        throw new AppError('invalid', `the body is the mapping ${mapping.name}`, { problem: 'mapping_name_differs' })
      const next = { ...mapping, version: before.mapping.version + 1 }
      await recordMapping(ctx.db, next, request.actor.id, new Date(ctx.now()))
      return sendVersioned(request, reply, shown(await known(next.name)))
    },
  )

  api.delete(
    '/api/import-mappings/:name',
    {
      config,
      schema: {
        tags,
        operationId: 'deleteImportMapping',
        summary: 'Forget a mapping',
        params,
        response: responses({ 204: z.null().describe('Gone') }, 404, 409, 412, 428),
      },
    },
    async (request, reply) => {
      const { mapping } = changeable(await known(request.params.name), requireIfMatch(request))
      await removeMapping(ctx.db, mapping.name)
      return reply.code(204).send(null)
    },
  )

  async function known(name: string): Promise<SavedMapping> {
    const saved = await readMapping(ctx.db, name)
    if (saved === null) throw new AppError('not_found', `no such mapping: ${name}`, { problem: 'mapping_unknown' })
    return saved
  }
}

function usable<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  const { code, detail, errors } = outcome.rejection
  throw new AppError('unprocessable', detail, { problem: code, errors: errors ?? [] })
}

function changeable(saved: SavedMapping, seen: number): SavedMapping {
  if (saved.isShipped)
    throw new AppError(
      'conflict',
      `the mapping ${saved.mapping.name} ships with the program; save a changed one under another name`,
      { problem: 'mapping_shipped' },
    )
  if (saved.mapping.version !== seen) {
    throw new AppError('precondition_failed', `the mapping is at version ${saved.mapping.version}, you saw ${seen}`, {
      problem: 'version_stale',
      etag: `"${saved.mapping.version}"`,
    })
  }
  return saved
}

function shown({ mapping, isShipped, createdBy, updatedAt }: SavedMapping) {
  return { mapping, isShipped, createdBy, updatedAt: updatedAt.toISOString(), version: mapping.version }
}
