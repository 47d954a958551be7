import assert from 'node:assert/strict'
import type { Answer, ExecuteInput, SubmitInput } from '#contracts/commands.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import { checkReturns } from '#flows/check-returns.ts'
import { decideReturns } from '#flows/decide-returns.ts'
import { receiveReturns } from '#flows/receive-returns.ts'
import { executeDispositions } from '#flows/settle-returns.ts'
import { submitReturns } from '#flows/submit-returns.ts'
import type { TestContextOf } from './context.ts'
import { command, submission } from './given.ts'

/** Returns that went the whole way, batch by batch. */

export function valueOf<T>(answer: Answer<T> | undefined): T {
  if (answer === undefined) assert.fail('no answer')
  if (!answer.outcome.ok) assert.fail(JSON.stringify(answer.outcome.rejection))
  return answer.outcome.value
}

/** `answer`: which answer each question of the check gets. */
export type LivedInput = Partial<SubmitInput> & { readonly answer?: number }

/** Submitted, received and checked, in order. */
export async function givenChecked(
  ctx: TestContextOf,
  place: { readonly clientId: string; readonly hubId: string },
  inputs: readonly LivedInput[],
): Promise<ReturnChanged[]> {
  const receipts = await submitReturns(
    ctx,
    inputs.map(({ answer, ...input }) => {
      assert.ok(answer === undefined || answer >= 0)
      return command(submission(place.clientId, input))
    }),
  )
  const ids = receipts.map((receipt) => valueOf(receipt).id)
  ctx.clock.ms += 86_400_000
  const received = await receiveReturns(
    ctx,
    ids.map((returnId) => command({ returnId, ifVersion: null, hubId: place.hubId, reroute: true })),
  )
  received.forEach(valueOf)
  const checked = await checkReturns(
    ctx,
    inputs.map((input, i) => {
      const category = ctx.reference.categories.get(input.categoryId ?? 'fashion.apparel.ethnic')!
      const rubric = ctx.reference.rubrics.get(category.rubricId)!
      const answers = Object.fromEntries(
        rubric.questions
          .filter((q) => q.required && !q.isConditional)
          .map((q) => [q.id, q.answers[Math.min(input.answer ?? 0, q.answers.length - 1)]!.value]),
      )
      return command({ returnId: ids[i]!, ifVersion: null, answers, findings: [], isSealed: false, photos: [] })
    }),
  )
  return checked.map(valueOf)
}

/** As recommended, decided and done. */
export async function givenSettled(
  ctx: TestContextOf,
  place: { readonly clientId: string; readonly hubId: string },
  inputs: readonly LivedInput[],
  execution: (i: number) => Partial<ExecuteInput> = () => ({}),
): Promise<ReturnChanged[]> {
  const checked = await givenChecked(ctx, place, inputs)
  ctx.clock.ms += 3_600_000
  const decided = (
    await decideReturns(
      ctx,
      checked.map(({ id }) => command({ returnId: id, ifVersion: null })),
    )
  ).map(valueOf)
  ctx.clock.ms += 5 * 86_400_000
  const done = await executeDispositions(
    ctx,
    decided.map(({ dispositionId }, i) =>
      command({
        dispositionId: dispositionId!,
        ifVersion: null,
        execution: 'done' as const,
        externalRef: `GRN-${i}`,
        certificateRef: `CERT-${i}`,
        ...execution(i),
      }),
    ),
  )
  return done.map(valueOf)
}
