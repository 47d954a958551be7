import { CronExpressionParser } from 'cron-parser'

const againMs = 1_000
const longestTimerMs = 3_600_000

/**
 * Calls `fire` at each instant that the cron line names (UTC), with that instant; a call that fails is made again each second until
 * the next one is due. Every process does so: that only one counts is for `fire` to see to. Answers how to end it.
 */
export function onSchedule(cron: string, now: () => number, fire: (at: Date) => Promise<void>): () => void {
  const after = (ms: number) =>
    CronExpressionParser.parse(cron, { currentDate: new Date(ms), tz: 'UTC' })
      .next()
      .getTime()
  let timer: NodeJS.Timeout
  let isOver = false
  let nextMs = after(now())
  let dueMs: number | null = null
  const tick = async () => {
    while (nextMs <= now()) {
      dueMs = nextMs
      nextMs = after(nextMs)
    }
    if (dueMs !== null) {
      const at = dueMs
      await fire(new Date(at)).then(
        () => (dueMs = null),
        () => undefined,
      )
    }
    if (isOver) return
    const waitMs = Math.min(longestTimerMs, Math.max(1, nextMs - now()), dueMs === null ? Infinity : againMs)
    timer = setTimeout(() => void tick(), waitMs)
  }
  timer = setTimeout(() => void tick(), Math.min(longestTimerMs, Math.max(1, nextMs - now())))
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
