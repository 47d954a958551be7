import { AppError } from '#kernel/errors.ts'
import type { Database, Queryable, Row } from '../db/port.ts'
import type { Log } from '../telemetry/port.ts'
import { JobCancelled, type JobRun } from './port.ts'

/** Rows of `jobs`: what people see of work that outlives their request. The queue itself is an engine's matter. */
export type JobRow = {
  readonly id: string
  readonly kind: string
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly input: Readonly<Record<string, unknown>>
  readonly done: number
  readonly total: number | null
  readonly result: Readonly<Record<string, unknown>> | null
  readonly error: string | null
  readonly createdBy: string
  readonly clientId: string | null
  readonly cancelRequested: boolean
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

export type NewJob = Pick<JobRow, 'id' | 'kind' | 'input' | 'createdBy' | 'clientId'> & { readonly at: Date }

/** Whose jobs: one's own, those of one's clients, or everybody's. */
export type JobScope = {
  readonly actorId: string
  readonly clientIds: readonly string[] | null
  readonly seesAll: boolean
}

/** A job that fails more often than this is given up. */
export const jobAttemptsMax = 5

const columns = `id, kind, state, input, done, total, result, error, created_by as "createdBy", client_id as "clientId",
  cancel_requested as "cancelRequested", created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt"`
const open = `state in ('queued', 'running')`
// A client's own key sees the jobs of that client; people see what they asked for themselves.
const visible = `(created_by = $1 or $2 or client_id = any($3::uuid[]))`

export async function createJob(db: Queryable, job: NewJob): Promise<JobRow> {
  const [row] = await db.query<JobRow & Row>(
    `insert into jobs (id, kind, state, input, created_by, client_id, created_at, updated_at)
     values ($1, $2, 'queued', $3, $4, $5, $6, $6) returning ${columns}`,
    [job.id, job.kind, JSON.stringify(job.input), job.createdBy, job.clientId, job.at],
  )
  return row!
}

export async function readJob(db: Queryable, scope: JobScope, id: string): Promise<JobRow> {
  const [row] = await db.query<JobRow & Row>(`select ${columns} from jobs where ${visible} and id = $4`, [
    scope.actorId,
    scope.seesAll,
    scope.clientIds ?? [],
    id,
  ])
  if (row === undefined) throw new AppError('not_found', `no such job: ${id}`, { problem: 'job_unknown' })
  return row
}

/** The newest first; `beforeId` is the last of the page before. Ids are UUIDv7, so they are in order of time. */
export async function listJobs(
  db: Queryable,
  scope: JobScope,
  page: {
    readonly limit: number
    readonly beforeId: string | null
    readonly kinds: readonly string[] | null
    readonly states: readonly string[] | null
  },
): Promise<JobRow[]> {
  return db.query<JobRow & Row>(
    `select ${columns} from jobs where ${visible} and ($4::uuid is null or id < $4) and ($5::text[] is null or kind = any($5))
       and ($6::text[] is null or state = any($6)) order by id desc limit $7`,
    [scope.actorId, scope.seesAll, scope.clientIds ?? [], page.beforeId, page.kinds, page.states, page.limit],
  )
}

/** A queued job ends at once, a running one when its work next tells how far it is. */
export async function cancelJob(db: Queryable, scope: JobScope, id: string, at: Date): Promise<JobRow> {
  await readJob(db, scope, id)
  await db.query(
    `update jobs set cancel_requested = true, updated_at = $2, state = case state when 'queued' then 'cancelled' else state end,
       finished_at = case state when 'queued' then $2 else finished_at end where id = $1 and ${open}`,
    [id, at],
  )
  return readJob(db, scope, id)
}

/** Jobs that the queue may have lost: recorded, but not begun for a while. Sending them again is harmless. */
export async function listWaitingJobs(db: Queryable, before: Date): Promise<Pick<JobRow, 'id' | 'kind'>[]> {
  return db.query(
    `select id, kind from jobs where state = 'queued' and created_at < $1 order by created_at limit 1000`,
    [before],
  )
}

export type JobWork = (input: Readonly<Record<string, unknown>>, run: JobRun) => Promise<Record<string, unknown>>

/**
 * Does the work of one job and records how it went. May be called again for the same job (the queue delivers at least
 * once): a finished one is left alone, an interrupted one starts over. Throws when the queue should try again.
 */
export async function runJob(
  ctx: { readonly db: Database; readonly log: Log; readonly now: () => number },
  id: string,
  work: JobWork,
): Promise<void> {
  const at = () => new Date(ctx.now())
  const [job] = await ctx.db.query<JobRow & { attempts: number }>(
    `update jobs set state = 'running', attempts = attempts + 1, done = 0, started_at = coalesce(started_at, $2), updated_at = $2, error = null
     where id = $1 and ${open} returning ${columns}, attempts`,
    [id, at()],
  )
  if (job === undefined) return
  const finish = async (
    state: 'done' | 'failed' | 'cancelled',
    result: Record<string, unknown> | null,
    error: string | null,
  ) => {
    await ctx.db.query(
      `update jobs set state = $2, result = $3, error = $4, finished_at = $5, updated_at = $5 where id = $1 and state = 'running'`,
      [id, state, result === null ? null : JSON.stringify(result), error, at()],
    )
  }
  // A process that dies over a job leaves no error behind, only attempts.
  if (job.attempts > jobAttemptsMax) return finish('failed', null, `given up after ${jobAttemptsMax} attempts`)
  const run: JobRun = {
    id,
    createdBy: job.createdBy,
    progress: async (done, total) => {
      const [row] = await ctx.db.query<{ cancelled: boolean }>(
        `update jobs set done = $2, total = $3, updated_at = $4 where id = $1 returning cancel_requested or state <> 'running' as cancelled`,
        [id, done, total, at()],
      )
      if (row === undefined || row.cancelled) throw new JobCancelled(`job ${id} was cancelled`)
    },
  }
  try {
    await run.progress(0, job.total)
    await finish('done', await work(job.input, run), null)
  } catch (error) {
    if (error instanceof JobCancelled) return finish('cancelled', null, null)
    // What the caller asked for cannot be done: trying again would not help.
    const isFinal = error instanceof AppError && error.code !== 'unavailable' && error.code !== 'overloaded'
    const says = error instanceof AppError ? error.message : 'a defect on our side; the log has the details'
    if (isFinal || job.attempts >= jobAttemptsMax) {
      ctx.log.error({ jobId: id, kind: job.kind, attempts: job.attempts, error }, 'a job was given up')
      return finish('failed', null, says)
    }
    await ctx.db.query(`update jobs set error = $2, updated_at = $3 where id = $1`, [id, says, at()])
    throw error
  }
}
