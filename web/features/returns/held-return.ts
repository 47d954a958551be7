'use client'
import { createContext, useContext } from 'react'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'

/** Keeps the page at this version of the return until it is let go (null). */
export type HoldReturn = (unit: ReturnDetail | null) => void

const HoldContext = createContext<HoldReturn>(() => undefined)
export const HoldReturnProvider = HoldContext.Provider

/** A question about two versions must not vanish because the page reads the newer one meanwhile. */
export function useHoldReturn(): HoldReturn {
  return useContext(HoldContext)
}
