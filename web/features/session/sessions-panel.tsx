'use client'
import { Button, Group, Modal, Skeleton, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Monitor, Smartphone } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import type { Session } from '../../../src/contracts/session.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Tag } from '../../components/tag.tsx'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { accountKeys, endAllSessions, endSession, readSessions } from './api.ts'
import classes from './account.module.css'
import { deviceOf } from './device-name.ts'

/** Where one is signed in: each can be ended, and all at once. */
export function SessionsPanel() {
  const t = useTranslations('account')
  const common = useTranslations('common')
  const queries = useQueryClient()
  const router = useRouter()
  const [isAsking, question] = useDisclosure(false)
  const sessions = useQuery({ queryKey: accountKeys.sessions, queryFn: ({ signal }) => readSessions(signal) })
  const end = useMutation({
    mutationFn: endSession,
    onSettled: () => queries.invalidateQueries({ queryKey: accountKeys.sessions }),
  })
  const endAll = useMutation({
    mutationFn: endAllSessions,
    onSuccess: () => {
      queries.clear()
      router.replace('/login')
    },
  })
  return (
    <Panel title={t('sessions')}>
      <DataRegion query={sessions} skeleton={<Skeleton height={96} />}>
        {(rows) => (
          <ul className={classes.sessions}>
            {rows.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                isPending={end.isPending && end.variables === session.id}
                onEnd={() => end.mutate(session.id)}
              />
            ))}
          </ul>
        )}
      </DataRegion>
      {end.isError ? <ProblemNote error={end.error} /> : null}
      <Button variant="default" onClick={question.open}>
        {t('endAll')}
      </Button>
      <Modal
        opened={isAsking}
        onClose={question.close}
        title={t('endAllTitle')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Text mb="md">{t('endAllText')}</Text>
        {endAll.isError ? <ProblemNote error={endAll.error} /> : null}
        <Group>
          <Button color="red" loading={endAll.isPending} onClick={() => endAll.mutate()}>
            {t('endAll')}
          </Button>
          <Button variant="default" onClick={question.close}>
            {common('cancel')}
          </Button>
        </Group>
      </Modal>
    </Panel>
  )
}

type RowProps = { readonly session: Session; readonly isPending: boolean; readonly onEnd: () => void }

function SessionRow({ session, isPending, onEnd }: RowProps) {
  const t = useTranslations('account')
  const { language } = useLanguage()
  const device = deviceOf(session.agent)
  const name = device.name ?? t('unknownDevice')
  const Icon = device.isHandheld ? Smartphone : Monitor
  const time = (instant: string) => formatInstant(language, instant, defaultTimeZone)
  return (
    <li>
      <Icon size={22} strokeWidth={1.8} aria-hidden />
      <div className={classes.where}>
        <div className={classes.name}>
          {name}
          {session.isCurrent ? <Tag tone="good">{t('thisOne')}</Tag> : null}
          {session.method === 'company' ? <Tag tone="info">{t('byCompany')}</Tag> : null}
        </div>
        <div className={classes.when}>
          {t('lastUsed', { time: time(session.lastUsedAt) })} · {t('since', { time: time(session.createdAt) })}
          {session.address === null ? null : ` · ${session.address}`}
        </div>
      </div>
      {session.isCurrent ? null : (
        <Button variant="default" loading={isPending} onClick={onEnd} aria-label={t('endNamed', { name })}>
          {t('end')}
        </Button>
      )}
    </li>
  )
}
