import type { Transaction } from '#platform/db/port.ts'

/** What we write to people about. Each is worded once, in `letters.ts`. */
export type Letter =
  | { readonly kind: 'invitation'; readonly name: string; readonly link: string; readonly days: number }
  | { readonly kind: 'password_reset'; readonly name: string; readonly link: string; readonly minutes: number }
  | { readonly kind: 'webhook_disabled'; readonly name: string; readonly host: string; readonly isGone: boolean }
  | { readonly kind: 'password_changed' | 'second_factor_set' | 'second_factor_removed'; readonly name: string }

export type Message = {
  readonly to: string
  readonly letter: Letter
  /** After this it is worth nothing, and is not sent any more. */
  readonly expiresAt: Date
}

/** A message that waits, as its carrier reads it. */
export type Waiting = {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly expiresAt: Date
}

export type Mail = {
  readonly engine: string
  /** Takes messages in the caller's transaction; they leave after it, never from inside a request. */
  readonly send: (tx: Transaction, messages: readonly Message[]) => Promise<void>
  /** What is still worth sending, oldest first. */
  readonly waiting: (limit: number) => Promise<readonly Waiting[]>
}
