import { decisionPolicySchema, policyEditSchema, policyVersionListSchema } from '#contracts/decision-policy.ts'
import { changePolicy, showPolicy, takePolicy } from '#flows/change-policy.ts'
import { readPolicyVersions } from '#services/recommendation/index.ts'
import { requireIfMatch, sendVersioned } from '../etags.ts'
import { once } from '../once.ts'
import { ok, responses, type Api, type RouteContext } from '../route.ts'

const tags = ['Recommendation']
const versionsShown = 100

/** The numbers and rules that decide: what serves, what it was, and its change by an administrator. */
export function policyRoutes(api: Api, { ctx }: RouteContext): void {
  api.get(
    '/api/ai/policy',
    {
      config: { permission: 'ai:read' },
      schema: {
        tags,
        operationId: 'readPolicy',
        summary: 'The numbers and rules that decide now, whole, with their units and sources',
        response: responses({ 200: ok(decisionPolicySchema, 'What serves') }),
      },
    },
    async (request, reply) => {
      await ctx.policy.refresh()
      return sendVersioned(request, reply, showPolicy(ctx))
    },
  )

  api.get(
    '/api/ai/policy/versions',
    {
      config: { permission: 'ai:read' },
      schema: {
        tags,
        operationId: 'listPolicyVersions',
        summary: 'Who changed what, when and why, newest first',
        response: responses({
          200: ok(policyVersionListSchema, 'The last 100 versions; none before the first change'),
        }),
      },
    },
    async () => ({ data: await readPolicyVersions(ctx.db, versionsShown) }),
  )

  api.put(
    '/api/ai/policy',
    {
      config: { permission: 'policies:change' },
      schema: {
        tags,
        operationId: 'changePolicy',
        summary:
          'Make a new version of what decides (If-Match: the version that was seen); try it first by a policy replay',
        body: policyEditSchema,
        response: responses({ 200: ok(decisionPolicySchema, 'It serves') }, 409, 412, 413, 415, 422, 428),
      },
    },
    async (request, reply) => {
      const ifVersion = requireIfMatch(request)
      await ctx.policy.refresh()
      const { actor, body: input } = request
      await once(ctx, request, reply, input, async (tx) => {
        await changePolicy(ctx, tx, { actor, requestId: request.id, ifVersion, input })
        return { status: 200, body: { version: ifVersion + 1 } }
      })
      await takePolicy(ctx)
      return sendVersioned(request, reply, showPolicy(ctx))
    },
  )
}
