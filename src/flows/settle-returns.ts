import type { Answer, Command, ExecuteInput } from '#contracts/commands.ts'
import type { EsgCredit } from '#contracts/esg.ts'
import type { ReturnEvent } from '#contracts/events.ts'
import type { OutcomeFacts } from '#contracts/outcomes.ts'
import type { RecommendationBody } from '#contracts/recommendations.ts'
import type { ReturnChanged } from '#contracts/returns.ts'
import type { Context } from '#context.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { accept, advance, reject, rejectStale, type Outcome } from '#kernel/outcome.ts'
import { creditEsg, type EsgLeg } from '#services/analytics/index.ts'
import { readCurrentChecks, type CheckRow } from '#services/quality/index.ts'
import { outcomeFacts, readBodies } from '#services/recommendation/index.ts'
import {
  mayExecute,
  needsOfReturns,
  readReturnsOfDispositions,
  type DispositionRow,
  type ReturnState,
  type UnitNeeds,
} from '#services/returns/index.ts'
import { runOnReturns, type OnState } from './on-returns.ts'

type Target = ExecuteInput & { readonly returnId: string; readonly seenVersion: number | null }

/** A recovered value above this many times the list price is a slip of the keyboard, not a sale. */
const ceilingTimes = 1.5

/**
 * Carries out decided dispositions step by step. `done` closes the unit: its place is free, its value and its carbon
 * are credited in the same transaction.
 */
export async function executeDispositions(
  ctx: Context,
  commands: readonly Command<ExecuteInput>[],
): Promise<Answer<ReturnChanged>[]> {
  const returns = await readReturnsOfDispositions(
    ctx.db,
    commands.map((c) => c.input.dispositionId),
  )
  const targeted = commands.map((command): Command<Target> => {
    const { dispositionId, ifVersion } = command.input
    // The version that the caller saw is the disposition's own, not the return's.
    return {
      ...command,
      input: {
        ...command.input,
        returnId: returns.get(dispositionId) ?? dispositionId,
        seenVersion: ifVersion,
        ifVersion: null,
      },
    }
  })
  return runOnReturns<Target>(ctx, 'execute_disposition', targeted, async (items) => {
    const facts = await readFacts(ctx, items)
    const permitted = items.map((item, i) => permit(item, item.command.input.seenVersion, facts[i]!, ctx.now()))
    return advance(permitted, (ready) => ready.map((item) => accept(eventsOf(ctx, item))))
  })
}

type Facts = { readonly body: RecommendationBody | null; readonly check: CheckRow | null; readonly needs: UnitNeeds }
type Ready = {
  readonly item: OnState<Target>
  readonly current: DispositionRow
  readonly facts: Facts
  readonly outcome: OutcomeFacts | null
}

async function readFacts(ctx: Context, items: readonly OnState<Target>[]): Promise<Facts[]> {
  const states = items.map((item) => item.state)
  const bodies = await readBodies(
    ctx.db,
    items.flatMap((item) => item.disposition?.recommendationId ?? []),
  )
  const checks = await readCurrentChecks(
    ctx.db,
    states.map((state) => state.id),
  )
  const needs = await needsOfReturns(ctx, states)
  return items.map((item, i) => ({
    body: bodies.get(item.disposition?.recommendationId ?? '')?.body ?? null,
    check: checks.get(item.state.id) ?? null,
    needs: needs[i]!,
  }))
}

function permit(item: OnState<Target>, seen: number | null, facts: Facts, nowMs: number): Outcome<Ready> {
  const { command, state, disposition: current } = item
  const { input } = command
  if (current === null || current.id !== input.dispositionId) {
    return reject(
      'conflict',
      'disposition_superseded',
      `${state.lpn}: this disposition is history, another one is current`,
    )
  }
  if (seen !== null && seen !== current.version) return rejectStale('disposition', current.version, seen)
  const option = facts.body?.options.find((o) => o.disposition === current.disposition && o.channel === current.channel)
  const may = mayExecute(
    state,
    { ...current, requires: option?.requires ?? [] },
    {
      execution: input.execution,
      blockedReason: input.blockedReason ?? null,
      certificateRef: input.certificateRef ?? current.certificateRef,
      externalRef: input.externalRef ?? current.externalRef,
    },
  )
  if (!may.ok) return may
  const wrong = wrongValue(state, input)
  if (wrong !== null) return wrong
  if (input.outcome === undefined) return accept({ item, current, facts, outcome: null })
  const outcome = outcomeFacts(state, input.outcome, nowMs)
  return outcome.ok ? accept({ item, current, facts, outcome: outcome.value }) : outcome
}

function wrongValue(state: ReturnState, input: ExecuteInput): Outcome<never> | null {
  const value = input.realisedValue
  if (value === undefined) return null
  if (value.currency !== state.currency) {
    return reject(
      'unprocessable',
      'currency_mixed',
      `${state.lpn} is in ${state.currency}, the realised value in ${value.currency}`,
    )
  }
  const listMinor = Math.max(state.mrpMinor ?? 0, state.priceMinor ?? 0)
  if (listMinor > 0 && value.amount > listMinor * ceilingTimes) {
    return reject(
      'unprocessable',
      'value_above_ceiling',
      `${state.lpn}: a realised value of ${value.amount} is above ${ceilingTimes} times its list price of ${listMinor}`,
    )
  }
  return null
}

function eventsOf(ctx: Context, { item, current, facts, outcome }: Ready): ReturnEvent[] {
  const { state } = item
  const { input } = item.command
  const nowMs = ctx.now()
  const isDone = input.execution === 'done'
  const realised = input.realisedValue?.amount ?? null
  const events: ReturnEvent[] = [
    {
      type: 'DispositionExecuted',
      data: {
        dispositionId: current.id,
        dispositionVersion: current.version + 1,
        execution: input.execution,
        blockedReason: input.execution === 'blocked' ? (input.blockedReason ?? null) : null,
        realisedValueMinor: isDone ? realised : null,
        certificateRef: input.certificateRef ?? null,
        externalRef: input.externalRef ?? null,
        ...(outcome === null ? {} : { outcome }),
      },
    },
  ]
  if (isDone) {
    const credit = creditOf(ctx, state, current, facts)
    if (credit !== null) {
      events.push({
        type: 'EsgCredited',
        data: { creditId: uuidv7(nowMs), dispositionId: current.id, disposition: current.disposition, credit },
      })
    }
    if (realised !== null && realised !== 0) events.push(recovery(realised, 'recovery', nowMs))
  }
  if (input.execution === 'reversed' && current.realisedValueMinor !== null && current.realisedValueMinor !== 0) {
    events.push(recovery(-current.realisedValueMinor, 'reversal', nowMs))
  }
  return events
}

function recovery(amountMinor: number, cause: 'recovery' | 'reversal', nowMs: number): ReturnEvent {
  // A reversal of income is income with the other sign, not a cost; what the unit cost from the start is a cost.
  const isIncome = (cause === 'recovery') === amountMinor > 0
  const entries = isIncome
    ? [
        { account: 'recovery_receivable', amountMinor },
        { account: 'recovery_income', amountMinor: -amountMinor },
      ]
    : [
        { account: 'disposal_cost', amountMinor: -amountMinor },
        { account: 'costs_payable', amountMinor },
      ]
  return { type: 'LedgerPosted', data: { tx: uuidv7(nowMs), cause, entries } }
}

function creditOf(
  ctx: Context,
  state: ReturnState,
  current: DispositionRow,
  { check, needs }: Facts,
): EsgCredit | null {
  const measuredKg = check?.weightGrams === null || check?.weightGrams === undefined ? null : check.weightGrams / 1000
  return creditEsg(
    {
      dispositionId: current.id,
      disposition: current.disposition,
      execution: 'done',
      category: needs.category,
      massKg: measuredKg ?? needs.weightKg,
      massSource: measuredKg !== null ? 'measured' : needs.product.weightKg !== null ? 'catalogue' : 'category',
      legs: legsOf(ctx, state, current),
      grade: state.grade,
      isOwned: state.acceptance !== 'rejected',
    },
    ctx.reference.esg.factors,
    ctx.reference.esg.method,
  )
}

/** The way in: the first and last kilometres by van, the rest by lorry; the way out as far as the channel's table says. */
function legsOf(ctx: Context, state: ReturnState, current: DispositionRow): EsgLeg[] {
  const { channels, emissions } = ctx.reference.decision
  const inKm = state.hubDistanceKm
  const vanKm = inKm === null ? null : Math.min(inKm, emissions.vanKm)
  const legs: EsgLeg[] = [{ km: vanKm, mode: 'van' }]
  if (inKm !== null && inKm > emissions.vanKm) legs.push({ km: inKm - emissions.vanKm, mode: 'hgv' })
  const channel = channels.channels.find((c) => c.id === current.channel)
  if (channel !== undefined && channel.outbound !== 'none') legs.push({ km: channel.outboundKm, mode: 'hgv' })
  return legs
}
