import { z } from 'zod'
import { problemSchema } from '#contracts/problem.ts'
import { productInputSchema, productPageSchema, productReceiptSchema, productSchema } from '#contracts/products.ts'
import { AppError } from '#kernel/errors.ts'
import {
  inferCategories,
  listProducts,
  productListFields,
  readProduct,
  recordProducts,
} from '#services/returns/index.ts'
import { sendVersioned } from '../etags.ts'
import { listQuerySchema, parseList, sendPage } from '../lists.ts'
import { runOnce } from '../once.ts'
import { problemOfRejection, statusOfRejection } from '../problems.ts'
import { idParams, ok, responses, type Api, type RouteContext } from '../route.ts'
import { oneOrMany, parseItems } from '../validation.ts'

const tags = ['Products']
const batchSchema = z
  .strictObject({
    results: z.array(
      z.strictObject({
        index: z.int(),
        status: z.int(),
        value: productReceiptSchema.optional(),
        problem: problemSchema.optional(),
      }),
    ),
  })
  .meta({ id: 'ProductBatchResult' })

export function productRoutes(api: Api, { ctx, cursorKey }: RouteContext): void {
  api.post(
    '/api/products',
    {
      config: { permission: 'products:write' },
      schema: {
        tags,
        operationId: 'recordProducts',
        summary: 'Add or change a product by its SKU, or up to 250',
        body: oneOrMany(productInputSchema, 'ProductUpsert'),
        response: responses(
          {
            201: ok(productReceiptSchema, 'Added'),
            200: ok(z.union([productReceiptSchema, batchSchema]), 'Changed; or one result an item'),
          },
          404,
          409,
          413,
          415,
          422,
        ),
      },
    },
    async (request, reply) => {
      const { body } = request
      const from = { actor: request.actor, requestId: request.id }
      if (!('items' in body)) {
        const inputs = await inferCategories(ctx, [body])
        return runOnce(ctx, request, reply, async (tx) => {
          const [outcome] = await recordProducts(ctx, tx, from, inputs)
          if (!outcome!.ok) {
            const { kind, code, detail, errors } = outcome!.rejection
            throw new AppError(kind, detail, errors === undefined ? { problem: code } : { problem: code, errors })
          }
          return {
            status: outcome!.value.change === 'created' ? 201 : 200,
            body: outcome!.value,
            resourceId: outcome!.value.id,
          }
        })
      }
      const items = parseItems(productInputSchema, body.items)
      const inputs = await inferCategories(
        ctx,
        items.flatMap((item) => (item.ok ? item.value : [])),
      )
      return runOnce(ctx, request, reply, async (tx) => {
        const outcomes = await recordProducts(ctx, tx, from, inputs)
        let next = 0
        const results = items.map((item, index) => {
          const outcome = item.ok ? outcomes[next++]! : item
          return outcome.ok
            ? { index, status: outcome.value.change === 'created' ? 201 : 200, value: outcome.value }
            : {
                index,
                status: statusOfRejection(outcome.rejection),
                problem: problemOfRejection(outcome.rejection, request),
              }
        })
        return { status: 200, body: { results } }
      })
    },
  )

  api.get(
    '/api/products',
    {
      config: { permission: 'products:read' },
      schema: {
        tags,
        operationId: 'listProducts',
        summary: 'Products, last changed first',
        querystring: listQuerySchema(productListFields),
        response: responses({ 200: ok(productPageSchema, 'A page') }),
      },
    },
    async (request, reply) => {
      const query = parseList(request.query, productListFields, cursorKey)
      return sendPage(request, reply, query, await listProducts(ctx, request.actor, query), cursorKey)
    },
  )

  api.get(
    '/api/products/:id',
    {
      config: { permission: 'products:read' },
      schema: {
        tags,
        operationId: 'readProduct',
        summary: 'One product',
        params: idParams,
        response: responses({ 200: ok(productSchema, 'The product') }, 404),
      },
    },
    async (request, reply) => sendVersioned(request, reply, await readProduct(ctx, request.actor, request.params.id)),
  )
}
