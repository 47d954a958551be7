import type { ImportCounts } from '#contracts/imports.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { saveCheckpoint, type ImportState } from '#services/returns/index.ts'

type Position = { readonly nextLine: number; readonly counts: ImportCounts }

export type Checkpoints = {
  /** Notes the position after a committed slice; it is saved as soon as the save before has ended. */
  readonly note: (position: Position) => void
  readonly close: (state: ImportState['state'], position: Position) => Promise<void>
  /** Notes where a failed import stopped, if that can still be done: the failure itself is what the caller tells. */
  readonly abandon: (position: Position) => Promise<void>
}

/**
 * Saves how far an import has come beside the work itself: a checkpoint that lags by a slice costs only that those
 * rows are found known. Throws, at the latest on closing, when another process has taken the import over.
 */
export function openCheckpoints(
  ctx: Pick<Context, 'db' | 'now' | 'log'>,
  task: { readonly id: string; readonly run: string },
): Checkpoints {
  let waiting: Position | null = null
  let saving: Promise<void> | null = null
  let takenOver = false

  async function save(position: Position, state: ImportState['state']): Promise<void> {
    if (takenOver) return
    const isOurs = await saveCheckpoint(ctx.db, { ...task, ...position, state, at: new Date(ctx.now()) })
    if (!isOurs) takenOver = true
  }

  async function drain(): Promise<void> {
    while (waiting !== null) {
      const position: Position = waiting
      waiting = null
      await trySave(position, 'running')
    }
    saving = null
  }

  function refuseOther(): void {
    if (takenOver)
      throw new AppError('conflict', 'another process has taken this import over', { problem: 'import_taken_over' })
  }

  async function trySave(position: Position, state: ImportState['state']): Promise<void> {
    try {
      await save(position, state)
    } catch (error) {
      ctx.log.warn(
        { err: error, importId: task.id },
        'the checkpoint of an import was not saved; the one before it stands',
      )
    }
  }

  return {
    note: (position) => {
      refuseOther()
      waiting = position
      saving ??= drain()
    },
    close: async (state, position) => {
      waiting = null
      await saving
      await save(position, state)
      refuseOther()
    },
    abandon: async (position) => {
      waiting = null
      await saving
      await trySave(position, 'interrupted')
    },
  }
}
