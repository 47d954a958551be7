export type JobHandler = (input: Record<string, unknown>, jobId: string) => Promise<void>

/** Work that outlives its request. At least once: a handler must be repeatable. */
export type Jobs = {
  readonly engine: string
  /** Takes over one kind of work; called once at start. */
  readonly work: (kind: string, handler: JobHandler) => Promise<void>
  readonly send: (kind: string, input: Record<string, unknown>) => Promise<void>
  /** Runs a kind on a cron schedule (UTC), once across all processes. */
  readonly schedule: (kind: string, cron: string) => Promise<void>
  readonly close: () => Promise<void>
}
