import { categoryListSchema } from '#contracts/categories.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

export function categoryRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/categories',
    {
      config: { permission: 'products:read' },
      schema: {
        tags: ['Products'],
        operationId: 'listCategories',
        summary: 'Categories of goods, by name, each with the rubric that grades it',
        response: responses({ 200: ok(categoryListSchema, 'All categories') }),
      },
    },
    () => ({
      data: [...ctx.reference.categories.values()]
        .map(({ id, name, rubricId, isReturnable }) => ({ id, name, rubricId, isReturnable }))
        .toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
    }),
  )
}
