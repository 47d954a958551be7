import type { Return } from '../../../src/contracts/returns.ts'
import type { Card, Message, MessageKey } from './card.ts'
import type { Outbox } from './outbox.ts'
import { sound } from './sounds.ts'

export type StationState = {
  readonly card: Card | null
  /** Units to choose one from. */
  readonly matches: readonly Return[]
  /** A unit of another hub that may be taken in here. */
  readonly elsewhere: Return | null
  readonly message: Message | null
  readonly location: string | null
  readonly isLooking: boolean
  readonly dialog: 'change' | 'hold' | null
  readonly camera: 'photo' | 'scan' | null
  readonly isWhyOpen: boolean
  /** The last decision, for as long as it can be taken back from here. */
  readonly undo: { readonly card: Card; readonly untilMs: number } | null
  readonly last: string | null
}

const idle: StationState = {
  card: null,
  matches: [],
  elsewhere: null,
  message: null,
  location: null,
  isLooking: false,
  dialog: null,
  camera: null,
  isWhyOpen: false,
  undo: null,
  last: null,
}

export type BenchUser = { readonly outbox: Outbox; readonly hubId: string; readonly userId: string }

/** The state of the bench and how it is changed; the parts of the station share it. */
export type Core = BenchUser & {
  readonly state: () => StationState
  readonly set: (changes: Partial<StationState>) => void
  readonly setCard: (changes: Partial<Card>) => void
  readonly say: (tone: Message['tone'], key: MessageKey, values?: Message['values']) => void
  readonly subscribe: (listener: () => void) => () => void
}

export function openCore(user: BenchUser): Core {
  let state: StationState = idle
  const listeners = new Set<() => void>()
  const set = (changes: Partial<StationState>) => {
    state = { ...state, ...changes }
    for (const listener of listeners) listener()
  }
  return {
    ...user,
    state: () => state,
    set,
    setCard: (changes) => {
      if (state.card !== null) set({ card: { ...state.card, ...changes } })
    },
    say: (tone, key, values = {}) => {
      sound(tone)
      set({ message: { tone, key, values } })
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
