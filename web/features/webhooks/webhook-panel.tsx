'use client'
import { Button, Group, Modal, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { CircleCheck, CircleOff, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Tag } from '../../components/tag.tsx'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { webhookKeys, type Tested, type Webhook, type WebhookWithSecret } from './api.ts'
import { Deliveries } from './deliveries.tsx'
import { ReplayForm } from './replay-form.tsx'
import classes from './webhooks.module.css'
import { useEventName } from './words.ts'

type Props = {
  readonly webhook: Webhook
  readonly clientName: string
  readonly onSecret: (webhook: WebhookWithSecret) => void
}

export function WebhookPanel({ webhook, clientName, onSecret }: Props) {
  const t = useTranslations('webhooks')
  const common = useTranslations('common')
  const tell = useTell()
  const nameOf = useEventName()
  const [isOpen, log] = useDisclosure(false)
  const [isRemoving, removing] = useDisclosure(false)
  const [isReplaying, replaying] = useDisclosure(false)
  const test = useCommand<Tested>([webhookKeys.all])
  const change = useCommand<Webhook>([webhookKeys.all])
  const rotate = useCommand<WebhookWithSecret>([webhookKeys.all])
  const remove = useCommand<null>([webhookKeys.all])
  const path = `/api/webhooks/${webhook.id}`
  const title = webhook.description === '' ? new URL(webhook.url).host : webhook.description
  const failed = [test, change, rotate].find((one) => one.isError)
  return (
    <Panel title={title} aside={<State webhook={webhook} />}>
      <p className={`code ${classes.url}`}>{webhook.url}</p>
      <p className={classes.events}>
        {clientName} · {webhook.eventTypes.map(nameOf).join(', ')}
      </p>
      {failed === undefined ? null : <ProblemNote error={failed.error} />}
      <Group gap="sm">
        <Button
          variant="default"
          loading={test.isPending}
          onClick={() =>
            test.mutate(
              { method: 'POST', path: `${path}/test` },
              {
                onSuccess: (result) =>
                  result.isDelivered
                    ? tell.done(t('testDone', { status: result.status ?? 0, ms: result.tookMs }))
                    : tell.failed(t('testFailed'), result.problem ?? ''),
              },
            )
          }
        >
          {t('test')}
        </Button>
        <Button variant="default" onClick={log.toggle} aria-expanded={isOpen}>
          {isOpen ? t('hideLog') : t('showLog')}
        </Button>
        <Button variant="default" disabled={!webhook.isActive} onClick={replaying.open}>
          {t('replay')}
        </Button>
        <Button
          variant="default"
          loading={rotate.isPending}
          onClick={() =>
            rotate.mutate(
              { method: 'POST', path: `${path}/rotate`, body: { overlapHours: 24 } },
              { onSuccess: onSecret },
            )
          }
        >
          {t('rotate')}
        </Button>
        <Button
          variant="default"
          loading={change.isPending}
          onClick={() =>
            change.mutate({ method: 'PUT', path, body: { isActive: !webhook.isActive }, ifVersion: webhook.version })
          }
        >
          {webhook.isActive ? t('turnOff') : t('turnOn')}
        </Button>
        <Button variant="default" onClick={removing.open}>
          {t('remove')}
        </Button>
      </Group>
      {isOpen ? <Deliveries webhook={webhook} /> : null}
      <Modal
        opened={isReplaying}
        onClose={replaying.close}
        title={t('replay')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <ReplayForm webhook={webhook} onDone={replaying.close} />
      </Modal>
      <Modal
        opened={isRemoving}
        onClose={removing.close}
        title={t('removeTitle')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Text mb="md">{t('removeText', { url: webhook.url })}</Text>
        {remove.isError ? <ProblemNote error={remove.error} /> : null}
        <Group>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate({ method: 'DELETE', path }, { onSuccess: removing.close })}
          >
            {t('remove')}
          </Button>
          <Button variant="default" onClick={removing.close}>
            {common('cancel')}
          </Button>
        </Group>
      </Modal>
    </Panel>
  )
}

function State({ webhook }: { webhook: Webhook }) {
  const t = useTranslations('webhooks')
  const { language } = useLanguage()
  if (webhook.disabledReason !== null)
    return (
      <Tag tone="bad" icon={CircleOff}>
        {t(`off.${webhook.disabledReason}`)}
      </Tag>
    )
  if (webhook.failingSince !== null)
    return (
      <Tag tone="warn" icon={TriangleAlert}>
        {t('failingSince', { time: formatInstant(language, webhook.failingSince, defaultTimeZone) })}
      </Tag>
    )
  return (
    <Tag tone="good" icon={CircleCheck}>
      {t('on')}
    </Tag>
  )
}
