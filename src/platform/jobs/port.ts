export type JobHandler = (input: Record<string, unknown>, jobId: string) => Promise<void>

export type SendOptions = {
  /** A job with an id that the queue knows already is not sent twice. */
  readonly id?: string
  /** 0 to 9; what waits with a higher one is begun first. 0 when absent. */
  readonly priority?: number
}

/** Work that failed on every try, kept for a person to look at. */
export type DeadLetter = {
  /** Its name among the dead letters, for `replay`. */
  readonly id: string
  readonly kind: string
  readonly input: Readonly<Record<string, unknown>>
  /** What the last try said. */
  readonly reason: string
  readonly attempts: number
  readonly at: Date
}

/** Work that outlives its request. At least once: a handler must be repeatable. */
export type Jobs = {
  readonly engine: string
  /** Takes over one kind of work; called once at start. What fails is tried again with growing, jittered waits, then a dead letter. */
  readonly work: (kind: string, handler: JobHandler) => Promise<void>
  readonly send: (kind: string, input: Record<string, unknown>, options?: SendOptions) => Promise<void>
  /** Runs a kind on a cron schedule (UTC), once across all processes. */
  readonly schedule: (kind: string, cron: string) => Promise<void>
  /** The newest dead letters, of all kinds. */
  readonly deadLetters: (limit: number) => Promise<DeadLetter[]>
  /** Sends a dead letter again as a new job with all its tries; false when there is none of this name. */
  readonly replay: (deadLetterId: string) => Promise<boolean>
  readonly close: () => Promise<void>
}

/** How often and how late a failed job is tried again; each engine has its own default waits. */
export type Retries = {
  readonly attempts: number
  readonly firstWaitMs: number
  readonly longestWaitMs: number
}

export const usualRetries: Retries = { attempts: 6, firstWaitMs: 2000, longestWaitMs: 300_000 }

/** What the work of a job that people follow gets to tell of itself. */
export type JobRun = {
  readonly id: string
  readonly createdBy: string
  /** Notes how far it is. Throws `JobCancelled` when somebody asked for its end. */
  readonly progress: (done: number, total: number | null) => Promise<void>
}

/** Thrown by `progress`; the work only has to let it through. */
export class JobCancelled extends Error {}
