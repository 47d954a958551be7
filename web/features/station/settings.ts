'use client'
import { useSyncExternalStore } from 'react'

/** What belongs to this bench, not to who works at it. */
export type BenchSettings = {
  readonly bench: string | null
  readonly hubId: string | null
  readonly isMuted: boolean
  /** 0 to 100. */
  readonly volume: number
  readonly hand: 'right' | 'left'
  readonly print: 'none' | 'browser' | 'zpl'
  /** What the scanner is set to send around a code. */
  readonly prefix: string
  readonly suffix: string
}

const key = 'smartreturns-bench'
const usual: BenchSettings = {
  bench: null,
  hubId: null,
  isMuted: false,
  volume: 60,
  hand: 'right',
  print: 'none',
  prefix: '',
  suffix: '',
}
let current: BenchSettings | null = null
const listeners = new Set<() => void>()

export function benchSettings(): BenchSettings {
  if (current !== null) return current
  try {
    current = { ...usual, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<BenchSettings>) }
  } catch {
    current = usual
  }
  return current
}

export function changeSettings(changes: Partial<BenchSettings>): void {
  current = { ...benchSettings(), ...changes }
  try {
    localStorage.setItem(key, JSON.stringify(current))
  } catch {
    // Storage is refused in some private windows: the settings then last as long as the page.
  }
  for (const listener of listeners) listener()
}

export function useBenchSettings(): BenchSettings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    benchSettings,
    () => usual,
  )
}
