'use client'
import { Button, Group, Modal, Skeleton, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import type { DeadLetterBody } from '../../../src/contracts/jobs.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { useNow } from '../../lib/use-now.ts'
import { jobKeys, readDeadLetters } from './api.ts'
import classes from './jobs.module.css'
import { useKindName } from './kind-name.ts'

/** What failed on every try, of all clients: looked at by people, and sent again once its cause is gone. */
export function DeadLetters() {
  const t = useTranslations('jobs')
  const common = useTranslations('common')
  const [asked, setAsked] = useState<DeadLetterBody | null>(null)
  const letters = useQuery({
    queryKey: jobKeys.dead,
    queryFn: ({ signal }) => readDeadLetters(signal),
    refetchInterval: 15_000,
  })
  return (
    <Panel title={t('dead')}>
      <DataRegion
        query={letters}
        skeleton={<Skeleton height={80} />}
        isEmpty={(rows) => rows.length === 0}
        empty={<Text c="dimmed">{t('noDead')}</Text>}
      >
        {(rows) => (
          <ul className={classes.list}>
            {rows.map((letter) => (
              <LetterRow key={letter.id} letter={letter} onReplay={() => setAsked(letter)} />
            ))}
          </ul>
        )}
      </DataRegion>
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={t('replayTitle')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {asked === null ? null : <Confirmation letter={asked} onDone={() => setAsked(null)} />}
      </Modal>
    </Panel>
  )
}

function LetterRow({ letter, onReplay }: { letter: DeadLetterBody; onReplay: () => void }) {
  const t = useTranslations('jobs')
  const format = useFormatter()
  const nameOf = useKindName()
  const now = useNow()
  const age = now === null ? '' : format.relativeTime(new Date(letter.at), Math.max(now, Date.parse(letter.at)))
  return (
    <li className={`${classes.row} ${classes.letter}`}>
      <div className={classes.what}>
        <span className={classes.name}>{nameOf(letter.kind)}</span>
        <span>{letter.reason}</span>
        <span className={classes.soft}>
          {t('tries', { count: letter.attempts })} · {age}
        </span>
      </div>
      <div className={classes.acts}>
        <Button variant="default" leftSection={<RotateCcw size={16} aria-hidden />} onClick={onReplay}>
          {t('replay')}
          <VisuallyHidden> {nameOf(letter.kind)}</VisuallyHidden>
        </Button>
      </div>
    </li>
  )
}

function Confirmation({ letter, onDone }: { letter: DeadLetterBody; onDone: () => void }) {
  const t = useTranslations('jobs')
  const common = useTranslations('common')
  const tell = useTell()
  const nameOf = useKindName()
  const replay = useCommand<unknown>([jobKeys.all, jobKeys.dead])
  const send = () =>
    replay.mutate(
      { method: 'POST', path: `/api/dead-letters/${encodeURIComponent(letter.id)}/replay` },
      {
        onSuccess: () => {
          tell.done(t('replayed'))
          onDone()
        },
      },
    )
  return (
    <>
      <Text mb="md">{t('replayText', { name: nameOf(letter.kind) })}</Text>
      {replay.isError ? <ProblemNote error={replay.error} /> : null}
      <Group>
        <Button loading={replay.isPending} onClick={send}>
          {t('replay')}
        </Button>
        <Button variant="default" onClick={onDone}>
          {common('cancel')}
        </Button>
      </Group>
    </>
  )
}
