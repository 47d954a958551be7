import type { DeadLetterBody } from '#contracts/jobs.ts'
import { AppError } from '#kernel/errors.ts'
import type { Transaction } from '../db/port.ts'
import type { EventLog } from '../events/port.ts'
import type { Jobs } from './port.ts'

type DeadLetterContext = { readonly jobs: Jobs; readonly events: EventLog; readonly now: () => number }

type Asker = { readonly by: { readonly kind: string; readonly id: string }; readonly requestId: string }

const shownMax = 200
const searchedMax = 10_000

/** The newest of what failed on every try, without what it was asked. */
export async function readDeadLetters({ jobs }: Pick<DeadLetterContext, 'jobs'>): Promise<DeadLetterBody[]> {
  const letters = await jobs.deadLetters(shownMax)
  return letters.map(({ id, kind, reason, attempts, at }) => ({ id, kind, reason, attempts, at: at.toISOString() }))
}

/** Sends one again and notes who did; the queue comes last, so that nothing is sent that is not noted. */
export async function replayDeadLetter(
  { jobs, events, now }: DeadLetterContext,
  tx: Transaction,
  id: string,
  { by, requestId }: Asker,
): Promise<{ readonly id: string; readonly kind: string }> {
  const letter = (await jobs.deadLetters(searchedMax)).find((one) => one.id === id)
  const unknown = () => new AppError('not_found', `no such dead letter: ${id}`, { problem: 'dead_letter_unknown' })
  if (letter === undefined) throw unknown()
  const data = { by, requestId, kind: letter.kind, attempts: letter.attempts }
  const event = { stream: `deadletter-${id}`, version: 1, type: 'DeadLetterReplayed', data }
  await events.append(tx, [event], new Date(now()))
  if (!(await jobs.replay(id))) throw unknown()
  return { id, kind: letter.kind }
}
