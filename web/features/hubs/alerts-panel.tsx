'use client'
import { CircleAlert, CircleCheck, CirclePause, Clock, type LucideIcon, TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { BoardHub } from '../../../src/contracts/hub-board.ts'
import { Panel } from '../../components/panel.tsx'
import { formatInstant, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import classes from './hubs.module.css'
import { type Alert, alertsOf, shareOf } from './load.ts'

const icons: Readonly<Record<Alert['kind'], LucideIcon>> = {
  over: CircleAlert,
  full: TriangleAlert,
  late: Clock,
  paused: CirclePause,
}

export function AlertsPanel({ hubs }: { hubs: readonly BoardHub[] }) {
  const t = useTranslations('hubs')
  const alerts = alertsOf(hubs)
  return (
    <Panel title={t('alerts')}>
      {alerts.length === 0 ? (
        <p className={classes.calm}>
          <CircleCheck size={18} aria-hidden />
          {t('noAlerts')}
        </p>
      ) : (
        <ul className={classes.list}>
          {alerts.map((alert) => (
            <AlertLine key={`${alert.kind} ${alert.hub.id}`} alert={alert} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function AlertLine({ alert }: { alert: Alert }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const { hub, kind } = alert
  const Icon = icons[kind]
  const words = () => {
    switch (kind) {
      case 'over':
        return t('alert.over', { code: hub.code })
      case 'full':
        return t('alert.full', {
          code: hub.code,
          share: formatShare(language, shareOf(hub)),
          free: hub.capacity - hub.used,
        })
      case 'late':
        return t('alert.late', {
          code: hub.code,
          count: hub.overdue,
          time: formatInstant(language, alert.since, hub.timezone),
        })
      default:
        return t('alert.paused', { code: hub.code, count: hub.used })
    }
  }
  return (
    <li>
      <Link href={`/hubs/${hub.id}`} className={`${classes.alert} ${kind === 'over' ? classes.bad : classes.warn}`}>
        <Icon size={18} aria-hidden />
        <span>{words()}</span>
      </Link>
    </li>
  )
}
