'use client'
import { Button, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Plus, Webhook as WebhookIcon } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { readClientNames, readWebhooks, webhookKeys, type WebhookWithSecret } from './api.ts'
import { NewWebhookForm } from './new-webhook-form.tsx'
import { SecretNote } from './secret-note.tsx'
import { WebhookPanel } from './webhook-panel.tsx'

/** Addresses of others that are told what happens: made, tested, looked into, turned off and on. */
export function WebhooksPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  return may(me.data, 'webhooks:manage') ? <Webhooks /> : <Forbidden permission="webhooks:manage" />
}

function Webhooks() {
  const t = useTranslations('webhooks')
  const common = useTranslations('common')
  const [isMaking, making] = useDisclosure(false)
  const [shown, setShown] = useState<WebhookWithSecret | null>(null)
  const webhooks = useQuery({ queryKey: webhookKeys.all, queryFn: ({ signal }) => readWebhooks(signal) })
  const clients = useQuery({ queryKey: webhookKeys.clients, queryFn: ({ signal }) => readClientNames(signal) })
  const nameOf = (clientId: string | null) =>
    clientId === null ? t('allClients') : (clients.data?.find(({ id }) => id === clientId)?.name ?? clientId)
  const add = (
    <Button leftSection={<Plus size={18} aria-hidden />} onClick={making.open}>
      {t('add')}
    </Button>
  )
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')}>
        {add}
      </PageHead>
      {shown === null ? null : <SecretNote webhook={shown} onDone={() => setShown(null)} />}
      <DataRegion
        query={webhooks}
        skeleton={<Skeleton height={180} />}
        isEmpty={(rows) => rows.length === 0}
        empty={
          <Stack align="center" gap="sm" py={56} ta="center">
            <WebhookIcon size={36} strokeWidth={1.6} aria-hidden />
            <Text fw={600}>{t('emptyTitle')}</Text>
            <Text c="dimmed">{t('emptyText')}</Text>
          </Stack>
        }
      >
        {(rows) => (
          <Stack gap="lg">
            {rows.map((webhook) => (
              <WebhookPanel
                key={webhook.id}
                webhook={webhook}
                clientName={nameOf(webhook.clientId)}
                onSecret={setShown}
              />
            ))}
          </Stack>
        )}
      </DataRegion>
      <Modal
        opened={isMaking}
        onClose={making.close}
        title={t('add')}
        size="lg"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <NewWebhookForm
          clients={clients.data ?? []}
          onMade={(webhook) => {
            making.close()
            setShown(webhook)
          }}
        />
      </Modal>
    </>
  )
}
