'use client'
import { Button, Group, Modal, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { CircleCheck, CircleOff, FlaskConical, RotateCw, Trash2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Instant } from '../../components/amounts.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Tag } from '../../components/tag.tsx'
import { defaultTimeZone } from '../../lib/format.ts'
import { useClients } from '../../lib/places.ts'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { useNow } from '../../lib/use-now.ts'
import users from '../users/users.module.css'
import { type ApiKey, apiKeyKeys, type ApiKeyWithText } from './api.ts'

type Props = { readonly apiKey: ApiKey; readonly onText: (text: string) => void }

export function KeyRow({ apiKey, onText }: Props) {
  const t = useTranslations('access')
  const common = useTranslations('common')
  const tell = useTell()
  const nowMs = useNow()
  const clients = useClients().data ?? []
  const [isAsking, question] = useDisclosure(false)
  const rotate = useCommand<ApiKeyWithText>([apiKeyKeys.all])
  const revoke = useCommand<null>([apiKeyKeys.all])
  const path = `/api/api-keys/${apiKey.id}`
  const isOver = apiKey.revokedAt !== null || (nowMs !== null && Date.parse(apiKey.expiresAt) <= nowMs)
  const failed = [rotate, revoke].find((one) => one.isError)
  return (
    <li className={users.row}>
      <div className={users.who}>
        <span className={users.name}>{apiKey.name}</span>
        <span className={`code ${users.soft}`}>
          sr_{apiKey.environment}_{apiKey.id}_…
        </span>
        <span className={users.soft}>
          {clients.find(({ id }) => id === apiKey.clientId)?.name ?? apiKey.clientId} · {apiKey.scopes.join(', ')}
        </span>
        <span className={users.soft}>
          {t('until')} <Instant at={apiKey.revokedAt ?? apiKey.expiresAt} timeZone={defaultTimeZone} /> ·{' '}
          {apiKey.lastUsedAt === null ? (
            t('neverUsed')
          ) : (
            <>
              {t('lastUsed')} <Instant at={apiKey.lastUsedAt} timeZone={defaultTimeZone} />
            </>
          )}
        </span>
      </div>
      <div className={users.marks}>
        {isOver ? (
          <Tag tone="neutral" icon={CircleOff}>
            {apiKey.revokedAt === null ? t('expired') : t('revoked')}
          </Tag>
        ) : (
          <Tag tone="good" icon={CircleCheck}>
            {t('works')}
          </Tag>
        )}
        {apiKey.environment === 'test' ? (
          <Tag tone="info" icon={FlaskConical}>
            {t('test')}
          </Tag>
        ) : null}
      </div>
      {isOver ? null : (
        <div className={users.acts}>
          <Button
            variant="default"
            leftSection={<RotateCw size={16} aria-hidden />}
            loading={rotate.isPending}
            onClick={() =>
              rotate.mutate(
                { method: 'POST', path: `${path}/rotate`, body: { overlapHours: 24 } },
                { onSuccess: ({ key }) => onText(key) },
              )
            }
          >
            {t('rotate')}
            <span className={users.hidden}> {apiKey.name}</span>
          </Button>
          <Button variant="subtle" color="red" leftSection={<Trash2 size={16} aria-hidden />} onClick={question.open}>
            {t('revoke')}
            <span className={users.hidden}> {apiKey.name}</span>
          </Button>
        </div>
      )}
      {failed === undefined ? null : <ProblemNote error={failed.error} />}
      <Modal
        opened={isAsking}
        onClose={question.close}
        title={t('revokeTitle', { name: apiKey.name })}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Text mb="md">{t('revokeText')}</Text>
        <Group>
          <Button
            color="red"
            loading={revoke.isPending}
            onClick={() =>
              revoke.mutate(
                { method: 'DELETE', path },
                {
                  onSuccess: () => {
                    question.close()
                    tell.done(t('revokedDone'))
                  },
                },
              )
            }
          >
            {t('revoke')}
          </Button>
          <Button variant="default" onClick={question.close}>
            {common('cancel')}
          </Button>
        </Group>
      </Modal>
    </li>
  )
}
