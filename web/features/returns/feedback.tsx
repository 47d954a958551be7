'use client'
import { ActionIcon, Tooltip } from '@mantine/core'
import { ThumbsDown, ThumbsUp } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Recommendation, ReturnChanged, ReturnDetail } from '../../../src/contracts/returns.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { useCommand } from '../../lib/use-command.ts'
import { keys } from './api.ts'
import classes from './recommendation-panel.module.css'

const kinds = ['helpful', 'not_helpful'] as const
type Kind = (typeof kinds)[number]
const icons = { helpful: ThumbsUp, not_helpful: ThumbsDown }

/** What people say of a recommendation is what the next model learns from. */
export function Feedback({ unit, made }: { unit: ReturnDetail; made: Recommendation }) {
  const t = useTranslations('feedback')
  const me = useMe()
  const [given, setGiven] = useState<{ kind: Kind; of: string } | null>(null)
  const command = useCommand<ReturnChanged>([keys.detail(unit.id)])
  if (me.data === undefined || !may(me.data, 'ai:feedback')) return null
  const give = (kind: Kind) =>
    command.mutate(
      {
        method: 'POST',
        path: '/api/ai/feedback',
        body: { returnId: unit.id, recommendationId: made.id, kind },
      },
      { onSuccess: () => setGiven({ kind, of: made.id }) },
    )
  return (
    <>
      <div className={classes.feedback} role="group" aria-label={t('question')}>
        {given?.of === made.id ? (
          <span role="status">{t(`thanks.${given.kind}`)}</span>
        ) : (
          <>
            <span>{t('question')}</span>
            {kinds.map((kind) => {
              const Icon = icons[kind]
              return (
                <Tooltip key={kind} label={t(kind)}>
                  <ActionIcon aria-label={t(kind)} disabled={command.isPending} onClick={() => give(kind)}>
                    <Icon size={18} />
                  </ActionIcon>
                </Tooltip>
              )
            })}
          </>
        )}
      </div>
      {command.isError ? <ProblemNote error={command.error} /> : null}
    </>
  )
}
