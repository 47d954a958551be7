'use client'
import { useInterval } from '@mantine/hooks'
import { useEffect, useState } from 'react'

const tickMs = 30_000

/** The browser's clock, ticking twice a minute; null while the page is a prerendered shell. */
export function useNow(): number | null {
  const [now, setNow] = useState<number | null>(null)
  useEffect(() => setNow(Date.now()), [])
  useInterval(() => setNow(Date.now()), tickMs, { autoInvoke: true })
  return now
}
