import { z } from 'zod'
import {
  consentRequestSchema,
  consentSchema,
  eraseRequestSchema,
  erasureSchema,
  personDetailSchema,
  personExportSchema,
  personListSchema,
  personParams,
  personSearchSchema,
  purposes,
  restrictRequestSchema,
  unlinkedEraseSchema,
  type Erasure,
} from '#contracts/privacy.ts'
import { completeErasure, eraseUnlinked } from '#flows/erase-person.ts'
import {
  beginErasure,
  exportPerson,
  findPeople,
  personCsv,
  readErasure,
  readPerson,
  recordConsent,
  restrictPerson,
  type ErasureRow,
} from '#services/returns/index.ts'
import type { FastifyRequest } from 'fastify'
import { once, runOnce } from '../once.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Privacy']
const permission = 'privacy:manage'

const askerOf = ({ actor, id }: FastifyRequest) => ({ actor, requestId: id })

/** Rights of persons. What is looked for comes in the body: an address would stand in logs and histories. */
export function privacyRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/privacy/purposes',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'listPurposes',
        summary: 'What data of persons are used for, and on which ground',
        response: responses({
          200: ok(
            z.strictObject({
              data: z.array(
                z.strictObject({
                  id: z.string(),
                  basis: z.string(),
                  needsConsent: z.boolean(),
                  mayObject: z.boolean(),
                  says: z.string(),
                }),
              ),
            }),
            'The purposes',
          ),
        }),
      },
    },
    () => ({ data: purposes.map((purpose) => ({ ...purpose })) }),
  )

  api.post(
    '/api/privacy/people/search',
    {
      config: { permission, limitPerMinute: 60 },
      schema: {
        tags,
        operationId: 'findPeople',
        summary: 'Find a person by e-mail, phone, name, reference or order',
        body: personSearchSchema,
        response: responses({ 200: ok(personListSchema, 'Who was found') }, 404, 413, 415),
      },
    },
    async (request) => findPeople(ctx, askerOf(request), request.body),
  )

  api.get(
    '/api/privacy/people/:id',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'readPerson',
        summary: 'How the data of one person stand, and what was done with them',
        params: personParams,
        response: responses({ 200: ok(personDetailSchema, 'The person') }, 404),
      },
    },
    async (request) => readPerson(ctx, request.actor, request.params.id),
  )

  api.get(
    '/api/privacy/people/:id/export',
    {
      config: { permission, limitPerMinute: 30 },
      schema: {
        tags,
        operationId: 'exportPerson',
        summary: 'Everything that is kept of one person, as JSON or CSV',
        params: personParams,
        querystring: z.strictObject({ format: z.enum(['json', 'csv']).default('json') }),
        response: responses(
          {
            200: {
              description: 'The data',
              content: {
                'application/json': { schema: personExportSchema },
                'text/csv': { schema: z.string() },
              },
            },
          },
          404,
        ),
      },
    },
    async (request, reply) => {
      const { format } = request.query
      const found = await exportPerson(ctx, askerOf(request), request.params.id)
      return reply
        .type(format === 'json' ? 'application/json; charset=utf-8' : 'text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="person-${request.params.id}.${format}"`)
        .header('cache-control', 'no-store')
        .send(format === 'json' ? JSON.stringify(found) : personCsv(found))
    },
  )

  api.post(
    '/api/privacy/people/:id/erase',
    {
      config: { permission, limitPerMinute: 60 },
      schema: {
        tags,
        operationId: 'erasePerson',
        summary: 'Erase a person: the key is destroyed, what shows the person is removed; there is no way back',
        params: personParams,
        body: eraseRequestSchema,
        response: responses({ 200: ok(erasureSchema, 'Erased') }, 404, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { reason, evenIfOpen } = request.body
      const person = { id: request.params.id, reason, evenIfOpen }
      const { body } = await once(ctx, request, reply, request.body, async (tx) => {
        const { id } = await beginErasure(ctx, tx, askerOf(request), person)
        return { status: 200, body: { id } }
      })
      return erasureOf(await completeErasure(ctx, await readErasure(ctx.db, body.id)))
    },
  )

  api.post(
    '/api/privacy/returns/erase',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'eraseUnlinked',
        summary: 'Erase notes and photos of units that came without a customer',
        body: unlinkedEraseSchema,
        response: responses(
          {
            200: ok(z.strictObject({ returns: z.int(), files: z.int(), answers: z.int() }), 'What was erased'),
          },
          413,
          415,
        ),
      },
    },
    async (request) => ({ ...(await eraseUnlinked(ctx, askerOf(request), request.body.returnIds)) }),
  )

  api.post(
    '/api/privacy/people/:id/restrict',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'restrictPerson',
        summary: 'Let the data of a person rest: kept, but neither shown nor learned from; or end that',
        params: personParams,
        body: restrictRequestSchema,
        response: responses({ 200: ok(personDetailSchema, 'The person') }, 404, 409, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await once(ctx, request, reply, request.body, async (tx) => {
        await restrictPerson(ctx, tx, askerOf(request), id, request.body)
        return { status: 200, body: { id } }
      })
      return readPerson(ctx, request.actor, id)
    },
  )

  api.post(
    '/api/privacy/people/:id/consents',
    {
      config: { permission },
      schema: {
        tags,
        operationId: 'recordConsent',
        summary: 'What a person says to a purpose',
        params: personParams,
        body: consentRequestSchema,
        response: responses({ 200: ok(consentSchema, 'As it stands') }, 404, 409, 413, 415, 422),
      },
    },
    async (request, reply) =>
      runOnce(ctx, request, reply, async (tx) => ({
        status: 200,
        body: await recordConsent(ctx, tx, askerOf(request), request.params.id, request.body),
      })),
  )
}

function erasureOf(row: ErasureRow): Erasure {
  return {
    id: row.id,
    personId: row.personId,
    requestedAt: row.requestedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    returns: row.returns,
    files: row.files,
    answers: row.answers,
  }
}
