import { z } from 'zod'
import { driftListSchema } from '#contracts/drift.ts'
import {
  championChangeSchema,
  modelGateSchema,
  modelListSchema,
  modelVersionSchema,
  promoteModelSchema,
  rollbackModelSchema,
} from '#contracts/model-registry.ts'
import { promoteModel, readModelGate, rollBackModel } from '#flows/change-models.ts'
import { AppError } from '#kernel/errors.ts'
import { readDriftReports, showModels } from '#services/recommendation/index.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Recommendation']

/** Which models there are, which serves, and its change by an administrator. */
export function modelRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/ai/models',
    {
      config: { permission: 'ai:read' },
      schema: {
        tags,
        operationId: 'listModels',
        summary: 'What serves recommendations, every registered version, and on which data',
        response: responses({ 200: ok(modelListSchema, 'The models') }),
      },
    },
    async () => ({ data: await showModels(ctx) }),
  )

  api.get(
    '/api/ai/models/drift',
    {
      config: { permission: 'ai:read' },
      schema: {
        tags,
        operationId: 'readDrift',
        summary: 'Whether the units of late are those that the model was trained on: the last report of each engine',
        response: responses({ 200: ok(driftListSchema, 'The reports; none before the first night') }),
      },
    },
    async () => ({ data: await readDriftReports(ctx.db) }),
  )

  api.get(
    '/api/ai/models/:version/gate',
    {
      config: { permission: 'ai:read', limitPerMinute: 60 },
      schema: {
        tags,
        operationId: 'readModelGate',
        summary: 'What a promotion of this version would ask now: each condition, what is wanted, what was measured',
        params: z.strictObject({ version: modelVersionSchema }),
        response: responses({ 200: ok(modelGateSchema, 'The gate') }, 404),
      },
    },
    (request) => readModelGate(ctx, request.params),
  )

  api.post(
    '/api/ai/models/:version/promote',
    {
      config: { permission: 'models:change' },
      schema: {
        tags,
        operationId: 'promoteModel',
        summary: 'Let a registered version serve; its version is typed again, and the gate must be open',
        params: z.strictObject({ version: modelVersionSchema }),
        body: promoteModelSchema,
        response: responses({ 200: ok(championChangeSchema, 'It is the champion now') }, 404, 409, 413, 415, 422),
      },
    },
    async (request) => {
      if (request.body.version !== request.params.version) {
        const detail = `typed ${request.body.version}, asked for ${request.params.version}`
        throw new AppError('invalid', detail, {
          problem: 'version_differs',
          errors: [{ pointer: '/version', code: 'version_differs', detail }],
        })
      }
      return promoteModel(ctx, { actor: request.actor, requestId: request.id, input: request.body })
    },
  )

  api.post(
    '/api/ai/models/rollback',
    {
      config: { permission: 'models:change' },
      schema: {
        tags,
        operationId: 'rollBackModel',
        summary: 'Let the champion before the present one serve again',
        body: rollbackModelSchema,
        response: responses({ 200: ok(championChangeSchema, 'It serves again') }, 404, 409, 413, 415, 422),
      },
    },
    (request) => rollBackModel(ctx, { actor: request.actor, requestId: request.id, input: request.body }),
  )
}
