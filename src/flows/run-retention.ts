import type { CommandActor } from '#contracts/commands.ts'
import {
  dataClasses,
  dataClassNames,
  type DataClass,
  type RetentionChange,
  type RetentionPolicy,
  type RetentionResult,
  type RetentionRun,
  type RetentionRunRequest,
} from '#contracts/retention.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Transaction } from '#platform/db/port.ts'
import {
  countOldNoteKeys,
  countOldRows,
  finishRun,
  insertRun,
  oldRowClasses,
  readLastRuns,
  readOldNoteKeys,
  readPolicyRows,
  readRuns,
  removeOldRows,
  writePolicyRow,
  type OldRows,
  type RunRow,
} from '#platform/retention/store.ts'
import { countOldFiles, oldFileClasses, readOldFiles, type OldFiles } from '#services/quality/index.ts'
import { countPastPersons, readPastPersons } from '#services/returns/index.ts'
import { erasePerson } from './erase-person.ts'
import { removeFiles } from './remove-files.ts'

const dayMs = 86_400_000
/** Removed of one class in one go; and in one run, where nobody waits for its end. */
const slice = 500
export const nightlyMax = 20_000
/** The same where somebody does. */
export const requestMax = 500

const keeper: Actor = {
  kind: 'system',
  id: 'retention',
  role: 'system',
  hubIds: null,
  clientIds: null,
  scopes: [],
} satisfies CommandActor & Actor

type Keeping = {
  readonly count: (ctx: Context, before: Date) => Promise<number>
  /** Removes up to `limit`; answers how many went. */
  readonly remove: (ctx: Context, before: Date, limit: number, runId: string) => Promise<number>
}

const ofRows = (of: OldRows): Keeping => ({
  count: (ctx, before) => countOldRows(ctx.db, of, before),
  remove: (ctx, before, limit) => removeOldRows(ctx.db, of, before, limit),
})
const ofFiles = (of: OldFiles): Keeping => ({
  count: (ctx, before) => countOldFiles(ctx.db, of, before),
  remove: async (ctx, before, limit, requestId) =>
    removeFiles(ctx, await readOldFiles(ctx.db, of, before, limit), { by: keeper.id, requestId }),
})

const keepings: Readonly<Record<DataClass, Keeping>> = {
  ...(Object.fromEntries(oldRowClasses.map((of) => [of, ofRows(of)])) as Record<OldRows, Keeping>),
  ...(Object.fromEntries(oldFileClasses.map((of) => [of, ofFiles(of)])) as Record<OldFiles, Keeping>),
  staff_notes: {
    count: (ctx, before) => countOldNoteKeys(ctx.db, before),
    remove: async (ctx, before, limit) => {
      const ids = await readOldNoteKeys(ctx.db, before, limit)
      if (ids.length > 0) await ctx.db.transaction((tx) => ctx.secrets.destroy(tx, ids, new Date(ctx.now())))
      return ids.length
    },
  },
  customer_data: {
    count: (ctx, before) => countPastPersons(ctx.db, before),
    remove: async (ctx, before, limit, requestId) => {
      const ids = await readPastPersons(ctx.db, before, limit)
      for (const id of ids)
        await erasePerson(ctx, { actor: keeper, requestId }, { id, reason: 'retention', evenIfOpen: false })
      return ids.length
    },
  },
}

type Standing = {
  readonly days: number
  readonly isActive: boolean
  readonly version: number
  readonly at: Date | null
}

async function standingPolicies(ctx: Pick<Context, 'db'>): Promise<Map<DataClass, Standing>> {
  const changed = new Map((await readPolicyRows(ctx.db)).map((row) => [row.dataClass, row]))
  return new Map(
    dataClassNames.map((name): [DataClass, Standing] => {
      const row = changed.get(name)
      return row === undefined
        ? [name, { days: dataClasses[name].days, isActive: true, version: 0, at: null }]
        : [name, { days: row.days, isActive: row.isActive, version: row.version, at: row.updatedAt }]
    }),
  )
}

/** How long each class is kept, and when it was last seen to. */
export async function readRetention(ctx: Pick<Context, 'db'>): Promise<RetentionPolicy[]> {
  const last = new Map((await readLastRuns(ctx.db)).map((run) => [run.dataClass, run]))
  return [...(await standingPolicies(ctx))].map(([dataClass, { days, isActive, version, at }]) => {
    const run = last.get(dataClass)
    return {
      dataClass,
      says: dataClasses[dataClass].says,
      days,
      minDays: dataClasses[dataClass].min,
      defaultDays: dataClasses[dataClass].days,
      isActive,
      version,
      updatedAt: at?.toISOString() ?? null,
      lastRun: run === undefined ? null : { at: run.at.toISOString(), removed: run.removed },
    }
  })
}

/** Changes how long a class is kept, in the caller's transaction. */
export async function changeRetention(
  ctx: Pick<Context, 'events' | 'now'>,
  tx: Transaction,
  asker: { readonly actor: Actor; readonly requestId: string },
  seen: { readonly dataClass: DataClass; readonly ifVersion: number },
  { days, isActive }: RetentionChange,
): Promise<void> {
  const { dataClass, ifVersion } = seen
  const { min } = dataClasses[dataClass]
  if (days < min) {
    const detail = `${dataClass} is kept for ${min} days at least, got ${days}`
    const errors = [{ pointer: '/days', code: 'days_too_few', detail }]
    throw new AppError('invalid', detail, { problem: 'days_too_few', errors })
  }
  const at = new Date(ctx.now())
  const { actor, requestId } = asker
  const row = { dataClass, days, isActive, updatedBy: actor.id, updatedAt: at }
  if (!(await writePolicyRow(tx, row, ifVersion)))
    throw new AppError('precondition_failed', `the policy of ${dataClass} was changed since you saw it`, {
      problem: 'version_stale',
    })
  const data = { by: { kind: actor.kind, id: actor.id }, requestId, dataClass, days, isActive }
  await ctx.events.append(
    tx,
    [{ stream: `retention-${dataClass}`, version: ifVersion + 1, type: 'RetentionChanged', data }],
    at,
  )
}

/** Removes what is past its time, class by class, or only counts it. Each run is a record of the log. */
export async function runRetention(
  ctx: Context,
  by: string,
  { isDryRun, dataClass }: RetentionRunRequest,
  removeMax: number,
): Promise<RetentionRun> {
  const startedAt = new Date(ctx.now())
  const id = uuidv7(startedAt.getTime())
  await insertRun(ctx.db, { id, isDryRun, by, startedAt })
  const results: RetentionResult[] = []
  for (const [name, { days, isActive }] of await standingPolicies(ctx)) {
    if (dataClass === undefined ? !isActive : name !== dataClass) continue
    const before = new Date(startedAt.getTime() - days * dayMs)
    const found = await keepings[name].count(ctx, before)
    const removed = isDryRun ? 0 : await removeAll(ctx, name, before, removeMax, id)
    results.push({
      dataClass: name,
      days,
      before: before.toISOString(),
      found,
      removed,
      isComplete: isDryRun || removed < removeMax,
    })
  }
  const finishedAt = new Date(ctx.now())
  await ctx.db.transaction(async (tx) => {
    await finishRun(tx, id, results, finishedAt)
    const counts = Object.fromEntries(
      results.map((result) => [result.dataClass, isDryRun ? result.found : result.removed]),
    )
    const data = { by: { kind: 'system', id: by }, requestId: id, isDryRun, counts }
    await ctx.events.append(tx, [{ stream: `retention-run-${id}`, version: 1, type: 'RetentionRan', data }], finishedAt)
  })
  return runOf({ id, isDryRun, by, startedAt, finishedAt, results })
}

async function removeAll(ctx: Context, name: DataClass, before: Date, max: number, runId: string): Promise<number> {
  let removed = 0
  while (removed < max) {
    const limit = Math.min(slice, max - removed)
    const gone = await keepings[name].remove(ctx, before, limit, runId)
    removed += gone
    if (gone < limit) break
  }
  return removed
}

export async function listRetentionRuns(ctx: Pick<Context, 'db'>, limit: number): Promise<RetentionRun[]> {
  return (await readRuns(ctx.db, limit)).map(runOf)
}

function runOf({ startedAt, finishedAt, results, ...run }: RunRow): RetentionRun {
  return {
    ...run,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    results: results as RetentionResult[],
  }
}
