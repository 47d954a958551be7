import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { Api } from './route.ts'
import { tryItConfiguration, tryItPage, tryItPolicy, tryItScripts } from './try-it.ts'

const unsafe = new Set(['post', 'put', 'patch', 'delete'])

type Operation = {
  operationId?: string
  parameters?: unknown[]
  security?: unknown[]
  responses?: Record<string, unknown>
}

/** The document that describes the API, made from the schemas that validate it, and the page to try it. */
export async function installOpenApi(app: Api, version: string): Promise<{ serve: (api: Api) => void }> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'SmartReturns',
        version,
        description:
          'Returns disposition: take units in, recommend what each is worth where, assign a hub, receive, check, decide, settle. ' +
          'Paths are version 1; `/api/v1/...` is the same. Errors are RFC 9457 problem documents.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'Access token of a person, or an API key' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'sr_access', description: 'Set by signing in from a browser' },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
    transform: (input: Parameters<typeof jsonSchemaTransform>[0]) => {
      const out = jsonSchemaTransform(input)
      const { permission } = input.route.config ?? {}
      const access = { 'x-permission': permission, ...(permission === 'public' ? { security: [] } : {}) }
      return { ...out, schema: { ...out.schema, ...(isHidden(input.url) ? { hide: true } : {}), ...access } }
    },
    transformObject: jsonSchemaTransformObject,
  })
  return {
    serve: (api) => {
      const config = { permission: 'public', limitPerMinute: 600 }
      let document: string | undefined
      api.get('/api/openapi.json', { config, schema: { hide: true } }, (_, reply) => {
        document ??= JSON.stringify(completed(app.swagger() as unknown as Document))
        return reply.type('application/json').send(document)
      })
      for (const [path, text] of tryItScripts())
        api.get(path, { config, schema: { hide: true } }, (_, reply) => reply.type('text/javascript').send(text))
      void api.register(async (docs) => {
        docs.addHook('onSend', (_request, reply, payload, done) => {
          reply.header('content-security-policy', tryItPolicy)
          const isPage = String(reply.getHeader('content-type')).startsWith('text/html')
          if (isPage) reply.removeHeader('content-length')
          done(null, isPage ? tryItPage : payload)
        })
        await docs.register(scalar, {
          routePrefix: '/api/docs',
          configuration: tryItConfiguration,
        })
      })
    },
  }
}

function isHidden(url: string): boolean {
  return !url.startsWith('/api/') || url.startsWith('/api/docs') || url === '/api/openapi.json'
}

type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, unknown> } }

/** What holds for every write stands once here: its idempotency key, and the version that an edit is based on. */
function completed(document: Document): Document {
  for (const operations of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (!unsafe.has(method)) continue
      operation.parameters = [
        ...(operation.parameters ?? []),
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', minLength: 1, maxLength: 255 },
          description:
            'A repeat with the same key and body gets the stored answer (Idempotent-Replayed: true); kept 24 hours',
        },
        ...ifMatchOf(operation),
      ]
    }
  }
  return withoutUnused(document)
}

/** An edit that can be based on an old version (412) takes If-Match, and asks for it where it answers 428 without. */
function ifMatchOf({ responses = {} }: Operation): unknown[] {
  if (!('412' in responses)) return []
  return [
    {
      name: 'If-Match',
      in: 'header',
      required: '428' in responses,
      schema: { type: 'string', pattern: '^"\\d{1,9}"$' },
      example: '"3"',
      description: 'The ETag that you have seen; 412 with the current one when it was changed since',
    },
  ]
}

/** Every schema comes in two forms, as it is sent and as it is answered; only those that something refers to stay. */
function withoutUnused(document: Document): Document {
  const used = new Set<string>()
  const visit = (value: unknown) => {
    for (const [, name] of JSON.stringify(value ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name!)) continue
      used.add(name!)
      visit(document.components.schemas[name!])
    }
  }
  visit(document.paths)
  const schemas = Object.fromEntries(Object.entries(document.components.schemas).filter(([name]) => used.has(name)))
  return { ...document, components: { ...document.components, schemas } }
}
