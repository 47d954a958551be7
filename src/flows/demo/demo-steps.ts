import { readFile } from 'node:fs/promises'
import type { Context } from '#context.ts'
import { openQuestions, recordPhoto } from '#services/quality/index.ts'
import { readStates } from '#services/returns/index.ts'
import { readBodies } from '#services/recommendation/index.ts'
import type { Rubric } from '#contracts/reference.ts'
import { cancelReturns, reviewReturns } from '../cancel-returns.ts'
import { checkReturns } from '../check-returns.ts'
import { decideReturns } from '../decide-returns.ts'
import { receiveReturns } from '../receive-returns.ts'
import { executeDispositions } from '../settle-returns.ts'
import type { PlannedReturn } from './demo-plan.ts'
import { demoActor, demoCommand } from './demo-command.ts'

export type DemoUnit = {
  readonly planned: PlannedReturn
  readonly returnId: string
  readonly hubId: string
  readonly step: 'review' | 'receive' | 'check' | 'decide' | 'done'
  readonly dispositionId: string | null
  readonly expectedMinor: number | null
}

const dueOf = {
  review: 'reviewMs',
  receive: 'receiveMs',
  check: 'checkMs',
  decide: 'decideMs',
  done: 'doneMs',
} as const

/** Takes every unit whose next step is due at `nowMs` one step further; answers those that are still open. */
export async function carryOn(
  ctx: Context,
  units: readonly DemoUnit[],
  nowMs: number,
  random: () => number,
): Promise<DemoUnit[]> {
  const due = units.filter((unit) => unit.planned[dueOf[unit.step]] <= nowMs)
  const waiting = units.filter((unit) => unit.planned[dueOf[unit.step]] > nowMs)
  const of = (step: DemoUnit['step']) => due.filter((unit) => unit.step === step)
  const reviewed = await review(ctx, of('review'))
  const received = await receive(ctx, of('receive'))
  const checked = await check(ctx, of('check'), random)
  const decided = await decide(ctx, of('decide'), random)
  await finish(ctx, of('done'))
  return [...waiting, ...reviewed, ...received, ...checked, ...decided]
}

/** A manager answers what the rules left open; refused units are not expected any more. */
async function review(ctx: Context, units: readonly DemoUnit[]): Promise<DemoUnit[]> {
  for (const batch of slices(units)) {
    await reviewReturns(
      ctx,
      batch.map((unit) =>
        demoCommand({
          returnId: unit.returnId,
          ifVersion: null,
          verdict: unit.planned.isRefusedAtReview ? ('reject' as const) : ('approve' as const),
        }),
      ),
    )
  }
  return units.flatMap((unit) => (unit.planned.isRefusedAtReview ? [] : [{ ...unit, step: 'receive' as const }]))
}

async function receive(ctx: Context, units: readonly DemoUnit[]): Promise<DemoUnit[]> {
  const gone = units.filter((unit) => unit.planned.isCancelled)
  const here = units.filter((unit) => !unit.planned.isCancelled)
  for (const batch of slices(gone)) {
    await cancelReturns(
      ctx,
      batch.map((unit) => demoCommand({ returnId: unit.returnId, ifVersion: null, reason: 'the customer kept it' })),
    )
  }
  const out: DemoUnit[] = []
  for (const batch of slices(here)) {
    const answers = await receiveReturns(
      ctx,
      batch.map((unit, i) =>
        demoCommand({
          returnId: unit.returnId,
          ifVersion: null,
          hubId: unit.hubId,
          locationCode: `LOC-BENCH-0${1 + (i % 6)}`,
        }),
      ),
    )
    out.push(...batch.flatMap((unit, i) => (answers[i]!.outcome.ok ? [{ ...unit, step: 'check' as const }] : [])))
  }
  return out
}

const photoFile = new URL('../../../data/demo/unit.jpg', import.meta.url)
const photos = new WeakMap<object, Promise<string>>()

/** One uploaded photo serves all demo units. */
function demoPhoto(ctx: Context): Promise<string> {
  const known = photos.get(ctx.db)
  if (known !== undefined) return known
  const made = readFile(photoFile)
    .then((bytes) => recordPhoto(ctx, { actor: demoActor, requestId: 'demo-photo', bytes }))
    .then((receipt) => receipt.fileId)
  photos.set(ctx.db, made)
  return made
}

async function check(ctx: Context, units: readonly DemoUnit[], random: () => number): Promise<DemoUnit[]> {
  const photoId = await demoPhoto(ctx)
  const out: DemoUnit[] = []
  for (const batch of slices(units)) {
    const states = new Map(
      (
        await readStates(
          ctx.db,
          batch.map((unit) => unit.returnId),
        )
      ).map((state) => [state.id, state]),
    )
    const answers = await checkReturns(
      ctx,
      batch.map((unit) => {
        const category = ctx.reference.categories.get(states.get(unit.returnId)!.categoryId)!
        const rubric = ctx.reference.rubrics.get(category.rubricId)!
        // A close-up proves any finding that asks for a photo.
        const shots = [...rubric.shots.filter((shot) => shot.required).map((shot) => shot.id), 'detail']
        const isSealed = rubric.acceptsSealed && !unit.planned.isOpened && unit.planned.wear < 0.3
        const answered = isSealed ? {} : answer(rubric, unit.planned.wear, random)
        const accessories =
          isSealed || random() < 0.9
            ? rubric.accessories.map((part) => part.id)
            : rubric.accessories.slice(1).map((part) => part.id)
        return demoCommand({
          returnId: unit.returnId,
          ifVersion: null,
          answers: answered,
          findings: [],
          accessories,
          isSealed,
          photos: shots.map((shot) => ({ fileId: photoId, shot })),
        })
      }),
    )
    out.push(...batch.flatMap((unit, i) => (answers[i]!.outcome.ok ? [{ ...unit, step: 'decide' as const }] : [])))
  }
  return out
}

/** Answers all open questions, the worse the more the unit is worn; what would need quarantine is left to real life. */
function answer(rubric: Rubric, wear: number, random: () => number): Record<string, string> {
  const answers: Record<string, string> = {}
  for (;;) {
    const open = [...openQuestions(rubric, answers)].find((id) => answers[id] === undefined)
    if (open === undefined) return answers
    const question = rubric.questions.find((q) => q.id === open)!
    const harmless = question.answers.filter(
      (a) => a.quarantine === undefined && rubric.findings.find((f) => f.code === a.finding)?.quarantine === undefined,
    )
    const choices = harmless.filter((a) => !(a.opens ?? []).includes('identity'))
    const place = Math.min(choices.length - 1, Math.floor(wear * choices.length * (0.5 + random())))
    answers[open] = (choices[place] ?? question.answers[0]!).value
  }
}

async function decide(ctx: Context, units: readonly DemoUnit[], random: () => number): Promise<DemoUnit[]> {
  const out: DemoUnit[] = []
  for (const batch of slices(units)) {
    const states = new Map(
      (
        await readStates(
          ctx.db,
          batch.map((unit) => unit.returnId),
        )
      ).map((state) => [state.id, state]),
    )
    const bodies = await readBodies(
      ctx.db,
      [...states.values()].flatMap((state) => state.recommendationId ?? []),
    )
    const commands = batch.map((unit) => {
      const options = bodies.get(states.get(unit.returnId)!.recommendationId ?? '')?.body.options ?? []
      const other = unit.planned.isOverridden
        ? options[1 + Math.floor(random() * Math.min(2, options.length - 1))]
        : undefined
      const on = { returnId: unit.returnId, ifVersion: null }
      if (other === undefined) return demoCommand(on)
      const reasonCode = (['condition_worse', 'price_changed', 'client_instruction', 'no_channel_capacity'] as const)[
        Math.floor(random() * 4)
      ]!
      return demoCommand({ ...on, disposition: other.disposition, channel: other.channel, reasonCode })
    })
    const answers = await decideReturns(ctx, commands)
    const decided = new Map(
      (
        await readStates(
          ctx.db,
          batch.map((unit) => unit.returnId),
        )
      ).map((state) => [state.id, state]),
    )
    out.push(
      ...batch.flatMap((unit, i) => {
        const state = decided.get(unit.returnId)!
        if (!answers[i]!.outcome.ok || state.disposition === 'hold') return []
        return [
          {
            ...unit,
            step: 'done' as const,
            dispositionId: state.dispositionId,
            expectedMinor: state.expectedValueMinor,
          },
        ]
      }),
    )
  }
  return out
}

async function finish(ctx: Context, units: readonly DemoUnit[]): Promise<void> {
  for (const batch of slices(units)) {
    await executeDispositions(
      ctx,
      batch.map((unit) => {
        const on = { dispositionId: unit.dispositionId!, ifVersion: null }
        if (unit.planned.isBlocked)
          return demoCommand({ ...on, execution: 'blocked' as const, blockedReason: 'the channel asks for an invoice' })
        const realised = Math.round((unit.expectedMinor ?? 0) * unit.planned.luck)
        return demoCommand({
          ...on,
          execution: 'done' as const,
          realisedValue: { amount: realised, currency: 'INR' },
          externalRef: `GRN-${unit.planned.ref.slice(5)}`,
          certificateRef: `WIPE-${unit.planned.ref.slice(5)}`,
        })
      }),
    )
  }
}

function slices<T>(items: readonly T[]): T[][] {
  const out: T[][] = []
  for (let i = 0; i < items.length; i += 200) out.push(items.slice(i, i + 200))
  return out
}
