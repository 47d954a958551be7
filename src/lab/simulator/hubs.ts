import type { Values } from './params.ts'
import { chanceOf } from './random.ts'

export const dayMs = 86_400_000

export type HubQueues = {
  readonly firstDay: number
  /** Minutes of work that wait, by hub and day. */
  readonly backlog: readonly Float64Array[]
}

/** Days since 1970 of a date. */
export const dayOf = (date: string) => Math.floor(Date.parse(date) / dayMs)

/** Days to the nearest festival, at most 60. */
export function festivalDays(day: number, festivals: readonly number[]): number {
  return festivals.reduce((least, festival) => Math.min(least, Math.abs(festival - day)), 60)
}

/** One queue a hub over the whole period: what arrives beyond a day's work waits for the next. */
export function runQueues(p: Values, seed: number, festivals: readonly number[]): HubQueues {
  const days = [...p.period, ...p.festivalPeriod].map(dayOf)
  const firstDay = Math.min(...days) - 60
  const count = Math.max(...days) - firstDay + 1
  const backlog = p.hubMinutes.map((minutes, hub) => {
    const { normal } = chanceOf(`${seed}|hub ${hub}`)
    const waiting = new Float64Array(count)
    let left = 0
    let swing = 0
    for (let day = 0; day < count; day++) {
      swing = 0.7 * swing + Math.sqrt(1 - 0.49) * p.hubLoadSpread * normal()
      const festival = p.hubFestivalLoad * Math.exp(-festivalDays(firstDay + day, festivals) / 12)
      const arrivals = minutes * p.hubLoad * Math.exp(swing - p.hubLoadSpread ** 2 / 2 + festival)
      left = Math.min(Math.max(0, left + arrivals - minutes), p.hubBacklogDaysMax * minutes)
      waiting[day] = left + 0.3 * minutes
    }
    return waiting
  })
  return { firstDay, backlog }
}
