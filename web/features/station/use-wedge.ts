'use client'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { benchSettings } from './settings.ts'
import { emptyWedge, type ScannedCode, takeKey, type Wedge } from './wedge.ts'

/** What is being read now, and how it is changed by other means than keys: a paste, a keyboard on the screen. */
export type WedgeText = { readonly text: string; readonly setText: (text: string) => void; readonly end: () => void }

/** Fields for a person's own words keep their keys. */
const freeText = '[data-freetext], [role="combobox"], [role="listbox"], select'

/** Takes every key of the page before anything else does; answers with the code so far. */
export function useWedge(onCode: (code: ScannedCode) => void): WedgeText {
  const store = useMemo(() => openWedge(onCode), [onCode])
  useEffect(() => {
    const listen = (event: KeyboardEvent) => store.onKey(event)
    window.addEventListener('keydown', listen, { capture: true })
    return () => window.removeEventListener('keydown', listen, { capture: true })
  }, [store])
  const text = useSyncExternalStore(store.subscribe, store.text, () => '')
  return { text, setText: store.setText, end: store.end }
}

function openWedge(onCode: (code: ScannedCode) => void) {
  let wedge: Wedge = emptyWedge
  const listeners = new Set<() => void>()
  const set = (next: Wedge) => {
    wedge = next
    for (const listener of listeners) listener()
  }
  return {
    text: () => wedge.text,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onKey: (event: KeyboardEvent) => {
      if (event.target instanceof Element && event.target.closest(freeText) !== null) return
      const isModified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing
      const taken = takeKey(wedge, { key: event.key, at: event.timeStamp, isModified }, benchSettings())
      if (!taken.isTaken) return
      event.preventDefault()
      event.stopImmediatePropagation()
      set(taken.wedge)
      if (taken.code !== null) onCode(taken.code)
    },
    setText: (text: string) => set({ text, firstAt: 0, lastAt: 1e9 }),
    end: () => {
      const { code } = takeKey(wedge, { key: 'Enter', at: 0, isModified: false }, benchSettings())
      set(emptyWedge)
      if (code !== null) onCode(code)
    },
  }
}
