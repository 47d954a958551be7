'use client'
import { Button, Modal, Skeleton } from '@mantine/core'
import { useDisclosure, useDocumentTitle } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, Pencil } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'use-intl'
import type { Hub } from '../../../src/contracts/hubs.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Facts } from '../../components/facts.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tag } from '../../components/tag.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { may } from '../../lib/permissions.ts'
import { type Me, useMe } from '../../lib/session.ts'
import { hubKeys, readHub } from './api.ts'
import { EventsPanel } from './events-panel.tsx'
import { HubForm } from './hub-form.tsx'
import classes from './hubs.module.css'
import { HubMessages } from './messages.tsx'
import { OccupancyPanel } from './occupancy-panel.tsx'
import { PerformancePanel } from './performance-panel.tsx'
import { QueuesPanel } from './queues-panel.tsx'
import { useLiveBoard } from './use-live-board.ts'

/** The id stands in the address only: the page itself is one prerendered shell for all hubs. */
export function HubPage() {
  const me = useMe()
  const id = usePathname().split('/')[2] ?? ''
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'hubs:read')) return <Forbidden permission="hubs:read" />
  return (
    <HubMessages>
      <OneHub id={id} me={me.data} />
    </HubMessages>
  )
}

function OneHub({ id, me }: { id: string; me: Me }) {
  const hub = useQuery({ queryKey: hubKeys.hub(id), queryFn: ({ signal }) => readHub(id, signal) })
  useDocumentTitle(hub.data === undefined ? 'SmartReturns' : `${hub.data.code} · SmartReturns`)
  return (
    <DataRegion query={hub} skeleton={<Skeleton height={480} radius="lg" />}>
      {(found) => <Filled hub={found} mayEdit={may(me, 'hubs:write')} />}
    </DataRegion>
  )
}

function Filled({ hub, mayEdit }: { hub: Hub; mayEdit: boolean }) {
  const t = useTranslations('hubs')
  const common = useTranslations('common')
  const { board } = useLiveBoard()
  const [isEditing, editing] = useDisclosure(false)
  return (
    <>
      <Link href="/hubs" className={classes.back}>
        <ChevronLeft size={18} aria-hidden />
        {t('back')}
      </Link>
      <PageHead title={`${hub.code} · ${hub.name}`}>
        {hub.status === 'active' ? null : <Tag tone="warn">{t(`status.${hub.status}`)}</Tag>}
        {mayEdit ? (
          <Button leftSection={<Pencil size={18} aria-hidden />} onClick={editing.open}>
            {t('edit')}
          </Button>
        ) : null}
      </PageHead>
      <div className={classes.page}>
        <div className={classes.halves}>
          <QueuesPanel hub={hub} board={board} />
          <HubFacts hub={hub} />
        </div>
        <OccupancyPanel hubId={hub.id} />
        <div className={classes.halves}>
          <PerformancePanel hubId={hub.id} />
          <EventsPanel hub={hub} />
        </div>
      </div>
      <Modal
        opened={isEditing}
        onClose={editing.close}
        title={t('editTitle', { code: hub.code })}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <HubForm hubId={hub.id} onDone={editing.close} />
      </Modal>
    </>
  )
}

function HubFacts({ hub }: { hub: Hub }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  return (
    <Panel title={t('facts')}>
      <Facts
        items={[
          [t('field.status'), t(`status.${hub.status}`)],
          [
            t('pincode'),
            <span className="num" key="pincode">
              {hub.pincode}
            </span>,
          ],
          [t('timezone'), hub.timezone],
          [t('perDay'), t('minutes', { count: formatNumber(language, hub.minutesPerDay) })],
          [t('clients'), hub.clientIds === null ? t('allClients') : t('someClients', { count: hub.clientIds.length })],
          [
            t('field.capabilities'),
            hub.capabilities.length === 0
              ? t('none')
              : hub.capabilities.map((one) => t(`capability.${one}`)).join(', '),
          ],
        ]}
      />
    </Panel>
  )
}
