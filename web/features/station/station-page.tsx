'use client'
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslations } from 'use-intl'
import type { Hub } from '../../../src/contracts/hubs.ts'
import { Forbidden } from '../../components/forbidden.tsx'
import { may } from '../../lib/permissions.ts'
import { useHubs, useTimeZone } from '../../lib/places.ts'
import { type Me, useMe } from '../../lib/session.ts'
import { Bench } from './bench.tsx'
import { BenchBar } from './bench-bar.tsx'
import { fetchParts, HubChooser, NeedsPanel, SettingsPanel } from './lazy.ts'
import { StationMessages } from './messages.tsx'
import { openOutbox, type Outbox } from './outbox.ts'
import { startServiceWorker } from './service-worker.ts'
import { useBenchSettings } from './settings.ts'
import { openStation, type Station } from './station.ts'
import classes from './station.module.css'
import { useToday } from './use-today.ts'

export function StationPage({ account }: { account: ReactNode }) {
  const me = useMe()
  if (me.data === undefined) return null
  return (
    <StationMessages>
      {may(me.data, 'returns:check') && may(me.data, 'returns:decide') ? (
        <AtHub me={me.data} account={account} />
      ) : (
        <Forbidden permission="returns:check" />
      )}
    </StationMessages>
  )
}

/** Who works at one hub works there; who works at several says at which. */
function AtHub({ me, account }: { me: Me; account: ReactNode }) {
  const hubs = useHubs()
  const { hubId } = useBenchSettings()
  const own = (hubs.data ?? []).filter((hub) => me.hubIds === null || me.hubIds.includes(hub.id))
  const hub = own.length === 1 ? own[0] : own.find((one) => one.id === hubId)
  if (hub !== undefined) return <AtBench key={`${hub.id} ${me.id}`} me={me} hub={hub} account={account} />
  if (hubs.data === undefined) return null
  return <HubChooser hubs={own} account={account} />
}

type Parts = { readonly outbox: Outbox; readonly station: Station }

function AtBench({ me, hub, account }: { me: Me; hub: Hub; account: ReactNode }) {
  const [parts, setParts] = useState<Parts | null>(null)
  useEffect(() => {
    // What is fetched later the worker keeps as it comes.
    void startServiceWorker()
      .then(fetchParts)
      .catch(() => null)
    const outbox = openOutbox(me.id)
    const station = openStation({ outbox, hubId: hub.id, userId: me.id })
    setParts({ outbox, station })
    return () => {
      station.close()
      outbox.close()
    }
  }, [me.id, hub.id])
  return parts === null ? null : <Working {...parts} me={me} hub={hub} account={account} />
}

function Working({ outbox, station, me, hub, account }: Parts & { me: Me; hub: Hub; account: ReactNode }) {
  const t = useTranslations('station')
  const counts = useSyncExternalStore(outbox.subscribe, outbox.state, outbox.state)
  const timeZone = useTimeZone(hub.id)
  const today = useToday(me.id, station)
  const [panel, setPanel] = useState<'queue' | 'settings' | null>(null)
  const close = () => setPanel(null)
  return (
    <div className={classes.page}>
      <BenchBar
        hubCode={hub.code}
        name={me.name}
        today={today}
        counts={counts}
        account={account}
        onQueue={() => setPanel('queue')}
        onSettings={() => setPanel('settings')}
      />
      <main id="content" aria-label={t('title')}>
        <Bench station={station} counts={counts} timeZone={timeZone} />
      </main>
      {panel === 'queue' ? (
        <NeedsPanel
          outbox={outbox}
          counts={counts}
          userId={me.id}
          timeZone={timeZone}
          station={station}
          onClose={close}
        />
      ) : null}
      {panel === 'settings' ? <SettingsPanel onClose={close} /> : null}
    </div>
  )
}
