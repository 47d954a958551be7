import type { Commands } from '#contracts/commands.ts'
import type { Context } from '#context.ts'
import type { Laboratory } from '#lab/laboratory.ts'
import type { Login } from '#platform/auth/login.ts'
import type { Copies } from '#platform/events/checkpoint-copies.ts'
import type { Checkpoints } from '#platform/events/checkpoints.ts'
import type { RotationContext } from '#platform/secrets/rotate.ts'

export type OpenedProgram = {
  readonly ctx: Context
  readonly commands: Commands
  readonly login: Login
  readonly audit: { readonly checkpoints: Checkpoints; readonly copies: Copies }
  readonly close: () => Promise<void>
}

/** What the composition gives to the command line. */
export type Program = {
  /** The wired product: it joins a running server of the data folder, or starts the embedded database for the while. */
  readonly open: () => Promise<OpenedProgram>
  /** The same, with the master key. */
  readonly openKeys: () => Promise<{ readonly ctx: RotationContext; readonly close: () => Promise<void> }>
  /** Names of the migrations that were applied, or with `plan` of those that would be. */
  readonly migrate: (plan: boolean) => Promise<readonly string[]>
  readonly doctor: () => Promise<
    readonly { readonly what: string; readonly state: 'ok' | 'wrong' | 'note'; readonly detail: string }[]
  >
  /** Reference data and engines for simulation and measurement; opens no database. */
  readonly laboratory: () => Promise<Laboratory>
  readonly envExample: () => string
  /** The text of `docs/permissions.md`. */
  readonly permissions: () => Promise<string>
  /** Makes a backup in this folder, while the program runs or not. */
  readonly backup: (
    folder: string,
    say: (line: string) => void,
  ) => Promise<{ readonly file: string; readonly bytes: number; readonly seconds: number; readonly masterKey: string }>
  readonly restore: (
    file: string,
    dataFolder: string,
    /** A data folder or s3:BUCKET whose erasures are done again; the configured one where none is named. */
    erasures: string | undefined,
    say: (line: string) => void,
  ) => Promise<{ readonly madeAt: string; readonly dataFolder: string; readonly erasures: number }>
  readonly version: string
}

/** Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 partly done, 130 interrupted. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, partly: 3, interrupted: 130 } as const

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`)
}

/** Runs one command with the product open, and closes it whatever happens. */
export async function withProgram<T>(program: Program, run: (opened: OpenedProgram) => Promise<T>): Promise<T> {
  const opened = await program.open()
  try {
    return await run(opened)
  } finally {
    await opened.close()
  }
}
