import assert from 'node:assert/strict'
import type { Answer } from '#contracts/commands.ts'
import { reasonCodes } from '#contracts/codes.ts'
import { cancelReturns } from '#flows/cancel-returns.ts'
import { checkReturns } from '#flows/check-returns.ts'
import { decideReturns } from '#flows/decide-returns.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { executeDispositions } from '#flows/settle-returns.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import type { TestContextOf } from './context.ts'
import { command, givenClient, givenHub, submission } from './given.ts'

const hourMs = 3_600_000

function taken<T>(answers: readonly Answer<T>[]): T[] {
  return answers.flatMap((answer) => (answer.outcome.ok ? [answer.outcome.value] : []))
}

/** Units of two clients, two hubs and several categories, spread over three weeks and all stages of their life. */
export async function givenBusyWeeks(ctx: TestContextOf, count = 300) {
  const clients = [await givenClient(ctx), await givenClient(ctx, 'bravo')]
  const hubs = [await givenHub(ctx), await givenHub(ctx, { code: 'DEL-1', name: 'Delhi', pincode: '110001' })]
  const categories = ['fashion.apparel.ethnic', 'electronics.mobile.phone', 'home.kitchen.cookware'].filter((id) =>
    ctx.reference.categories.has(id),
  )
  const all = [
    ...categories,
    ...[...ctx.reference.categories.keys()].filter((id) => !categories.includes(id)).slice(0, 3),
  ]
  const units: { id: string; categoryId: string; hubId: string | null }[] = []
  const perDay = Math.ceil(count / 15)
  for (let day = 0; day < 15; day++) {
    const requests = Array.from({ length: Math.min(perDay, count - units.length) }, (_, i) => {
      const n = day * perDay + i
      const categoryId = all[n % all.length]!
      return submission(clients[n % 5 === 0 ? 1 : 0]!, {
        categoryId,
        title: `unit ${n}`,
        price: { amount: 20_000 + (n % 37) * 1_000, currency: 'INR' },
        reasonCode: reasonCodes[n % reasonCodes.length]!,
        returnType: n % 9 === 0 ? 'rto' : 'customer_return',
        pickupPincode: n % 3 === 0 ? '110001' : '560034',
        ...(n % 4 === 0 ? {} : { saleChannel: n % 4 === 1 ? 'flipkart' : 'amazon_in' }),
      })
    })
    const receipts = taken(
      await submitReturns(
        ctx,
        requests.map((request) => command(request)),
      ),
    )
    assert.equal(receipts.length, requests.length)
    units.push(
      ...receipts.map((receipt, i) => ({
        id: receipt.id,
        categoryId: requests[i]!.categoryId!,
        hubId: receipt.hub?.id ?? null,
      })),
    )
    // Late in the evening of UTC it is the next day in India.
    ctx.clock.ms += 17 * hourMs
    await workThrough(
      ctx,
      units,
      day,
      perDay,
      hubs.map((hub) => hub.id),
    )
    ctx.clock.ms += 7 * hourMs
  }
  return { clients, hubs, units }
}

async function workThrough(
  ctx: TestContextOf,
  units: readonly { id: string; categoryId: string; hubId: string | null }[],
  day: number,
  perDay: number,
  hubs: readonly string[],
) {
  const on = (id: string) => ({ returnId: id, ifVersion: null })
  const of = (lag: number) => units.slice(Math.max(0, (day - lag) * perDay), Math.max(0, (day - lag + 1) * perDay))
  await cancelReturns(
    ctx,
    of(1)
      .filter((_, i) => i % 11 === 3)
      .map(({ id }) => command({ ...on(id), reason: 'test' })),
  )
  await receiveReturns(
    ctx,
    of(1)
      .filter((_, i) => i % 6 !== 5)
      .map(({ id, hubId }, i) =>
        command({ ...on(id), hubId: i % 7 === 0 ? hubs[1]! : (hubId ?? hubs[0]!), reroute: true }),
      ),
  )
  const checked = taken(
    await checkReturns(
      ctx,
      of(2)
        .filter((_, i) => i % 8 !== 7)
        .map(({ id, categoryId }) => {
          const rubric = ctx.reference.rubrics.get(ctx.reference.categories.get(categoryId)!.rubricId)!
          const answers = Object.fromEntries(
            rubric.questions.filter((q) => q.required && !q.isConditional).map((q) => [q.id, q.answers[0]!.value]),
          )
          return command({ ...on(id), answers, findings: [], isSealed: false, photos: [] })
        }),
    ),
  )
  const decided = taken(
    await decideReturns(
      ctx,
      checked.map((unit, i) => {
        const override =
          i % 4 === 0
            ? {
                disposition: i % 8 === 0 ? ('recycle' as const) : ('destroy' as const),
                reasonCode: 'condition_worse' as const,
              }
            : {}
        return command({ ...on(unit.id), ...override })
      }),
    ),
  )
  ctx.clock.ms += hourMs
  const done = taken(
    await executeDispositions(
      ctx,
      decided
        .filter((_, i) => i % 5 !== 4)
        .map((unit, i) =>
          command({
            dispositionId: unit.dispositionId!,
            ifVersion: null,
            execution: 'done' as const,
            externalRef: `GRN-${day}-${i}`,
            certificateRef: `CERT-${day}-${i}`,
            ...(i % 6 === 5
              ? {}
              : { realisedValue: { amount: i % 3 === 0 ? -1_500 : 9_000 + i * 100, currency: 'INR' } }),
          }),
        ),
    ),
  )
  ctx.clock.ms += hourMs
  await executeDispositions(
    ctx,
    done
      .filter((_, i) => i % 6 === 1)
      .map((unit) => command({ dispositionId: unit.dispositionId!, ifVersion: null, execution: 'reversed' as const })),
  )
  ctx.clock.ms -= 2 * hourMs
}
