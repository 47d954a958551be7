'use client'
import { useEffect, useState } from 'react'
import type { Station } from './station.ts'
import { readAll } from './store.ts'

const hourMs = 3_600_000

/** Units that this worker decided at this bench since midnight, and how many of them in the last hour. */
export function useToday(userId: string, station: Station): { readonly count: number; readonly anHour: number } {
  const [today, setToday] = useState({ count: 0, anHour: 0 })
  useEffect(() => {
    const recount = async () => {
      const all = await readAll('done')
      const midnight = new Date().setHours(0, 0, 0, 0)
      const times = all.flatMap((one) => (one.userId === userId ? [Date.parse(one.at)] : []))
      setToday({
        count: times.filter((at) => at >= midnight).length,
        anHour: times.filter((at) => at >= Date.now() - hourMs).length,
      })
    }
    const count = () => void recount()
    count()
    const timer = setInterval(count, 30_000)
    let last = station.state().last
    let undo = station.state().undo
    const stop = station.subscribe(() => {
      const now = station.state()
      if (now.last === last && now.undo === undo) return
      last = now.last
      undo = now.undo
      // What was just decided is written in the same moment.
      setTimeout(count, 150)
    })
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [userId, station])
  return today
}
