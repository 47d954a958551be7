export type JobHandler = (input: Record<string, unknown>, jobId: string) => Promise<void>

/** Work that outlives its request. At least once: a handler must be repeatable. */
export type Jobs = {
  readonly engine: string
  /** Takes over one kind of work; called once at start. */
  readonly work: (kind: string, handler: JobHandler) => Promise<void>
  /** A job with an `id` that the queue knows already is not sent twice. */
  readonly send: (kind: string, input: Record<string, unknown>, id?: string) => Promise<void>
  /** Runs a kind on a cron schedule (UTC), once across all processes. */
  readonly schedule: (kind: string, cron: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** What the work of a job that people follow gets to tell of itself. */
export type JobRun = {
  readonly id: string
  readonly createdBy: string
  /** Notes how far it is. Throws `JobCancelled` when somebody asked for its end. */
  readonly progress: (done: number, total: number | null) => Promise<void>
}

/** Thrown by `progress`; the work only has to let it through. */
export class JobCancelled extends Error {}
