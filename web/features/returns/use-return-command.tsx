'use client'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { ReturnChanged, ReturnDetail } from '../../../src/contracts/returns.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useCommand, type Write } from '../../lib/use-command.ts'
import { showNextStep } from '../../lib/next-step.ts'
import { useTell } from '../../lib/tell.ts'
import { keys, readReturn } from './api.ts'
import { ConflictDialog } from './conflict-dialog.tsx'
import { useHoldReturn } from './held-return.ts'

type Pending = { readonly write: Write; readonly done: string; readonly onDone: (() => void) | undefined }
type Conflict = Pending & { readonly theirs: ReturnDetail }

/** Two people may hold one return: who comes second is shown both versions and chooses. */
export function useReturnCommand(unit: ReturnDetail) {
  const tell = useTell()
  const t = useTranslations('detail')
  const queries = useQueryClient()
  const hold = useHoldReturn()
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const command = useCommand<ReturnChanged>([keys.detail(unit.id), keys.lists, ['quality', unit.id]])

  const compare = async (pending: Pending, ifVersion: number) => {
    const theirs = await readReturn(unit.id)
    if (theirs.version === ifVersion) return
    hold(unit)
    setConflict({ ...pending, theirs })
  }

  const send = (pending: Pending, ifVersion: number) => {
    command.mutate(
      { ...pending.write, ifVersion },
      {
        onSuccess: () => {
          tell.done(t('done', { what: pending.done }))
          pending.onDone?.()
          showNextStep()
        },
        onError: ({ status }) => {
          if (status !== 409 && status !== 412) return
          void compare(pending, ifVersion)
        },
      },
    )
  }

  const takeTheirs = (theirs: ReturnDetail) => {
    queries.setQueryData(keys.detail(unit.id), theirs)
    void queries.invalidateQueries({ queryKey: keys.detail(unit.id) })
    setConflict(null)
    hold(null)
    command.reset()
  }

  const feedback: ReactNode = (
    <>
      {command.isError && conflict === null ? <ProblemNote error={command.error} /> : null}
      {conflict === null ? null : (
        <ConflictDialog
          mine={unit}
          theirs={conflict.theirs}
          onTakeTheirs={() => takeTheirs(conflict.theirs)}
          onKeepMine={() => {
            const { theirs, ...pending } = conflict
            takeTheirs(theirs)
            send(pending, theirs.version)
          }}
        />
      )}
    </>
  )

  return {
    /** `done` says in the reader's language what was done. */
    run: (write: Write, done: string, onDone?: () => void) => send({ write, done, onDone }, unit.version),
    isPending: command.isPending,
    error: command.error,
    feedback,
  }
}
export type ReturnCommand = ReturnType<typeof useReturnCommand>
