'use client'
import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Plus, Radio, RefreshCw, Scale, Warehouse, type LucideIcon } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { BoardHub, HubBoard } from '../../../src/contracts/hub-board.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tag, type Tone } from '../../components/tag.tsx'
import { defaultTimeZone, formatTime } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { may } from '../../lib/permissions.ts'
import { type Me, useMe } from '../../lib/session.ts'
import { AlertsPanel } from './alerts-panel.tsx'
import { HeatPanel } from './heat-panel.tsx'
import { HubForm } from './hub-form.tsx'
import { HubTable } from './hub-table.tsx'
import classes from './hubs.module.css'
import { LevelLegend } from './load-bar.tsx'
import { HubMessages } from './messages.tsx'
import { OpenHubForm } from './open-hub-form.tsx'
import { Rebalance } from './rebalance.tsx'
import { SumPanel } from './sum-panel.tsx'
import { UnassignedPanel } from './unassigned-panel.tsx'
import { type LiveState, useLiveBoard } from './use-live-board.ts'

// The outlines are 170 kB: the page stands before they come.
const IndiaMap = dynamic(() => import('./india-map.tsx'), { ssr: false, loading: () => <Skeleton height={420} /> })

/** All hubs at this moment: where they are, how full, what waits, and what to do about it. */
export function BoardPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'hubs:read')) return <Forbidden permission="hubs:read" />
  return (
    <HubMessages>
      <Board me={me.data} />
    </HubMessages>
  )
}

function Board({ me }: { me: Me }) {
  const t = useTranslations('hubs')
  const common = useTranslations('common')
  const { board, state } = useLiveBoard()
  const [isPlanning, planning] = useDisclosure(false)
  const [isOpening, opening] = useDisclosure(false)
  const close = { 'aria-label': common('close') }
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')}>
        <Group gap="sm">
          <Live state={state} asOf={board.data?.asOf} />
          {may(me, 'hubs:write') && me.hubIds === null ? (
            <Button variant="default" leftSection={<Plus size={18} aria-hidden />} onClick={opening.open}>
              {t('openHub')}
            </Button>
          ) : null}
          {may(me, 'hubs:assign') ? (
            <Button leftSection={<Scale size={18} aria-hidden />} onClick={planning.open}>
              {t('rebalance')}
            </Button>
          ) : null}
        </Group>
      </PageHead>
      <DataRegion
        query={board}
        skeleton={<BoardSkeleton />}
        isEmpty={({ hubs }) => hubs.length === 0}
        empty={
          <Stack align="center" gap="sm" py={56} ta="center">
            <Warehouse size={36} strokeWidth={1.6} aria-hidden />
            <Text fw={600}>{t('emptyTitle')}</Text>
            <Text c="dimmed">{t('emptyText')}</Text>
          </Stack>
        }
      >
        {(data) => <Filled board={data} me={me} />}
      </DataRegion>
      <Modal
        opened={isPlanning}
        onClose={planning.close}
        title={t('rebalanceTitle')}
        size="xl"
        closeButtonProps={close}
      >
        <Rebalance onDone={planning.close} />
      </Modal>
      <Modal opened={isOpening} onClose={opening.close} title={t('openHub')} closeButtonProps={close}>
        <OpenHubForm onDone={opening.close} />
      </Modal>
    </>
  )
}

function Filled({ board, me }: { board: HubBoard; me: Me }) {
  const t = useTranslations('hubs')
  const common = useTranslations('common')
  const [editedId, setEditedId] = useState<string | null>(null)
  const edited = board.hubs.find(({ id }) => id === editedId)
  const close = () => setEditedId(null)
  return (
    <div className={classes.page}>
      <div className={classes.top}>
        <Panel title={t('map')}>
          <IndiaMap hubs={board.hubs} />
          <LevelLegend />
          <MapCredit />
        </Panel>
        <div className={classes.page}>
          <SumPanel hubs={board.hubs} />
          <AlertsPanel hubs={board.hubs} />
          <UnassignedPanel unassigned={board.unassigned} mayAssign={may(me, 'hubs:assign')} />
        </div>
      </div>
      <Panel title={t('table')}>
        <HubTable hubs={board.hubs} onEdit={may(me, 'hubs:write') ? (hub: BoardHub) => setEditedId(hub.id) : null} />
      </Panel>
      <HeatPanel />
      <Modal
        opened={edited !== undefined}
        onClose={close}
        title={edited === undefined ? '' : t('editTitle', { code: edited.code })}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {edited === undefined ? null : <HubForm hubId={edited.id} onDone={close} />}
      </Modal>
    </div>
  )
}

function MapCredit() {
  const t = useTranslations('hubs')
  return (
    <p className={classes.credit}>
      {t('mapMeans')} {t('mapCredit')}{' '}
      <a href="https://github.com/VictorCazanave/svg-maps" rel="noreferrer">
        @svg-maps/india
      </a>
      , CC BY 4.0
    </p>
  )
}

const liveTones: Readonly<Record<LiveState, readonly [Tone, LucideIcon]>> = {
  connecting: ['neutral', RefreshCw],
  live: ['good', Radio],
  lost: ['warn', RefreshCw],
}

function Live({ state, asOf }: { state: LiveState; asOf: string | undefined }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const [tone, icon] = liveTones[state]
  return (
    <Group gap={8}>
      {asOf === undefined ? null : (
        <span className={`num ${classes.soft}`}>
          {t('updated', { time: formatTime(language, asOf, defaultTimeZone) })}
        </span>
      )}
      <span role="status">
        <Tag tone={tone} icon={icon}>
          {t(`live.${state}`)}
        </Tag>
      </span>
    </Group>
  )
}

function BoardSkeleton() {
  return (
    <div className={classes.page}>
      <div className={classes.top}>
        <Skeleton height={480} radius="lg" />
        <Skeleton height={480} radius="lg" />
      </div>
      <Skeleton height={280} radius="lg" />
    </div>
  )
}
