'use client'
import { Button, Modal, SegmentedControl, Skeleton, Table, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { webhookStates } from '../../../src/contracts/webhooks.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Tag } from '../../components/tag.tsx'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { type Delivery, readDeliveries, readDelivery, webhookKeys, type Webhook } from './api.ts'
import classes from './webhooks.module.css'
import { stateTones, useEventName } from './words.ts'

const every = 'all'

/** The log of one webhook: what was told, what waits, what was given up. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const t = useTranslations('webhooks')
  const common = useTranslations('common')
  const nameOf = useEventName()
  const { language } = useLanguage()
  const [state, setState] = useState<string>(every)
  const [shown, setShown] = useState<Delivery | null>(null)
  const asked = state === every ? null : state
  const deliveries = useQuery({
    queryKey: webhookKeys.deliveries(webhook.id, asked),
    queryFn: ({ signal }) => readDeliveries(webhook.id, asked, signal),
    refetchInterval: 10_000,
  })
  const time = (instant: string) => formatInstant(language, instant, defaultTimeZone)
  return (
    <div>
      <div className={`${classes.scroll} ${classes.states}`}>
        <SegmentedControl
          aria-label={t('state')}
          value={state}
          onChange={setState}
          data={[every, ...webhookStates].map((value) => ({
            value,
            label: value === every ? t('everyState') : t(`states.${value as Delivery['state']}`),
          }))}
        />
      </div>
      <DataRegion
        query={deliveries}
        skeleton={<Skeleton height={120} />}
        isEmpty={(rows) => rows.length === 0}
        empty={<Text c="dimmed">{t('noDeliveries')}</Text>}
      >
        {(rows) => (
          <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('log')}>
            <Table verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('event_')}</Table.Th>
                  <Table.Th>{t('state')}</Table.Th>
                  <Table.Th>{t('attempts')}</Table.Th>
                  <Table.Th>{t('result')}</Table.Th>
                  <Table.Th>{t('made')}</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>{t('details')}</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((delivery) => (
                  <Table.Tr key={delivery.id}>
                    <Table.Td>{nameOf(delivery.eventType)}</Table.Td>
                    <Table.Td>
                      <Tag tone={stateTones[delivery.state]}>{t(`states.${delivery.state}`)}</Tag>
                    </Table.Td>
                    <Table.Td>{delivery.attempts}</Table.Td>
                    <Table.Td>{delivery.lastProblem ?? delivery.lastStatus ?? '–'}</Table.Td>
                    <Table.Td>{time(delivery.createdAt)}</Table.Td>
                    <Table.Td>
                      <Button variant="default" size="compact-md" onClick={() => setShown(delivery)}>
                        {t('details')}
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </DataRegion>
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={t('details')}
        size="lg"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {shown === null ? null : <DeliveryDetails webhook={webhook} id={shown.id} onDone={() => setShown(null)} />}
      </Modal>
    </div>
  )
}

function DeliveryDetails({ webhook, id, onDone }: { webhook: Webhook; id: string; onDone: () => void }) {
  const t = useTranslations('webhooks')
  const tell = useTell()
  const { language } = useLanguage()
  const detail = useQuery({
    queryKey: webhookKeys.delivery(webhook.id, id),
    queryFn: ({ signal }) => readDelivery(webhook.id, id, signal),
  })
  const retry = useCommand([webhookKeys.all])
  return (
    <DataRegion query={detail} skeleton={<Skeleton height={200} />}>
      {(delivery) => (
        <>
          <pre className={classes.body} tabIndex={0} aria-label={t('body')}>
            {delivery.body}
          </pre>
          <ul>
            {delivery.log.map((attempt) => (
              <li key={attempt.number}>
                {t('attempt', {
                  number: attempt.number,
                  time: formatInstant(language, attempt.at, defaultTimeZone),
                  result: attempt.problem ?? String(attempt.status),
                  ms: attempt.tookMs,
                })}
              </li>
            ))}
          </ul>
          <Button
            mt="md"
            disabled={!webhook.isActive}
            loading={retry.isPending}
            onClick={() =>
              retry.mutate(
                { method: 'POST', path: `/api/webhooks/${webhook.id}/deliveries/${id}/retry` },
                {
                  onSuccess: () => {
                    tell.done(t('retryStarted'))
                    onDone()
                  },
                  onError: (error) => tell.failed(t('retryFailed'), error.message),
                },
              )
            }
          >
            {t('retry')}
          </Button>
        </>
      )}
    </DataRegion>
  )
}
