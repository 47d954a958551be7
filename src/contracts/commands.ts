import type { Role } from './codes.ts'
import type { By } from './events.ts'
import type {
  CancelRequest,
  DecideRequest,
  ExecuteRequest,
  ReceiveRequest,
  ReturnChanged,
  ReturnReceipt,
  ReturnRequest,
  ReviewRequest,
  WithdrawRequest,
} from './returns.ts'
import type { FeedbackRequest } from './ai.ts'
import type { QualityCheckRequest } from './quality.ts'
import type { Outcome } from '#kernel/outcome.ts'

/** Who a command is from, as far as the flows need to know. `null` lists mean "all". */
export type CommandActor = By & {
  readonly role: Role | 'integration' | 'system'
  readonly hubIds: readonly string[] | null
  readonly clientIds: readonly string[] | null
}

/** The same key with the same fingerprint gets the stored answer; with another one it is refused. */
export type IdempotencyKey = { readonly key: string; readonly route: string; readonly fingerprint: string }

/** One command of one caller. Commands of many callers share a batch, so each carries its own. */
export type Command<T> = {
  readonly actor: CommandActor
  readonly requestId: string
  readonly idempotency: IdempotencyKey | null
  readonly input: T
}

/** An answer, and whether it is the stored one of an earlier call with the same key. */
export type Answer<T> = { readonly outcome: Outcome<T>; readonly isReplayed: boolean }

/** `ifVersion`: the version the caller saw (If-Match); null where it makes no claim. */
export type OnReturn<T> = T & { readonly returnId: string; readonly ifVersion: number | null }

export type SubmitInput = ReturnRequest & { readonly source: 'api' | 'file' | 'marketplace' | 'person' | 'demo' }
export type ReceiveInput = OnReturn<ReceiveRequest>
export type CheckInput = OnReturn<QualityCheckRequest>
export type ReviseInput = OnReturn<
  QualityCheckRequest & { readonly checkId: string; readonly ifCheckVersion: number | null }
>
export type DecideInput = OnReturn<DecideRequest>
export type WithdrawInput = OnReturn<WithdrawRequest>
export type ExecuteInput = ExecuteRequest & { readonly dispositionId: string; readonly ifVersion: number | null }
export type CancelInput = OnReturn<CancelRequest>
export type ReviewInput = OnReturn<ReviewRequest>
export type AssignInput = {
  readonly returnId: string
  readonly hubId: string | null
  readonly ifVersion: number | null
}
export type FeedbackInput = {
  readonly returnId: string
  readonly recommendationId: string
  readonly kind: FeedbackRequest['kind'] | 'accepted' | 'overridden'
  readonly disposition?: string | undefined
  readonly reasonCode?: string | undefined
  readonly realisedValueMinor?: number | undefined
  readonly outcome?: FeedbackRequest['outcome']
  readonly appraisals?: FeedbackRequest['appraisals']
  readonly note?: string | undefined
}

type Verb<I, O> = (command: Command<I>) => Promise<Answer<O>>

/** The write side, as the gateway and the command line see it: each verb goes through its coalescer. */
export type Commands = {
  readonly submitReturn: Verb<SubmitInput, ReturnReceipt>
  readonly receiveReturn: Verb<ReceiveInput, ReturnChanged>
  readonly checkReturn: Verb<CheckInput, ReturnChanged>
  readonly reviseCheck: Verb<ReviseInput, ReturnChanged>
  readonly decideReturn: Verb<DecideInput, ReturnChanged>
  readonly withdrawDecision: Verb<WithdrawInput, ReturnChanged>
  readonly executeDisposition: Verb<ExecuteInput, ReturnChanged>
  readonly cancelReturn: Verb<CancelInput, ReturnChanged>
  readonly reviewReturn: Verb<ReviewInput, ReturnChanged>
  readonly assignHub: Verb<AssignInput, ReturnChanged>
  readonly giveFeedback: Verb<FeedbackInput, ReturnChanged>
  /** How many commands wait, for shedding and metrics. */
  readonly waiting: () => number
}
