import { clientCreateSchema, clientPageSchema, clientSchema, clientUpdateSchema } from '#contracts/clients.ts'
import { clientListFields, createClient, listClients, readClient, updateClient } from '#services/returns/index.ts'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { commandOf } from '../idempotency.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { runOnce } from '../once.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Clients']

export function clientRoutes(api: Api, { ctx, cursorKey }: RouteContext): void {
  api.get(
    '/api/clients',
    {
      config: { permission: 'clients:read' },
      schema: {
        tags,
        operationId: 'listClients',
        summary: 'Sellers and brands whose goods are handled',
        querystring: listQuerySchema(clientListFields),
        response: responses({ 200: ok(clientPageSchema, 'A page') }),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, clientListFields, cursorKey)
      return sendPage(request, reply, query, await listClients(ctx, request.actor, query), cursorKey)
    },
  )

  api.post(
    '/api/clients',
    {
      config: { permission: 'clients:write' },
      schema: {
        tags,
        operationId: 'createClient',
        summary: 'Add a client',
        body: clientCreateSchema,
        response: responses({ 201: ok(clientSchema, 'Added') }, 409, 413, 415, 422),
      },
    },
    async (request, reply) =>
      runOnce(ctx, request, reply, async (tx) => {
        const client = await createClient(ctx, tx, commandOf(request, request.body))
        return { status: 201, body: client, resourceId: client.id }
      }),
  )

  api.get(
    '/api/clients/:id',
    {
      config: { permission: 'clients:read' },
      schema: {
        tags,
        operationId: 'readClient',
        summary: 'One client',
        params: idParams,
        response: responses({ 200: ok(clientSchema, 'The client') }, 404),
      },
    },
    async (request, reply) => sendVersioned(request, reply, await readClient(ctx, request.actor, request.params.id)),
  )

  api.put(
    '/api/clients/:id',
    {
      config: { permission: 'clients:write' },
      schema: {
        tags,
        operationId: 'updateClient',
        summary: 'Change a client',
        params: idParams,
        body: clientUpdateSchema,
        response: responses({ 200: ok(clientSchema, 'Changed') }, 404, 409, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
      const input = { ...request.body, clientId: request.params.id, ifVersion: requireIfMatch(request) }
      return runOnce(ctx, request, reply, async (tx) => ({
        status: 200,
        body: await updateClient(ctx, tx, commandOf(request, input)),
      }))
    },
  )
}
