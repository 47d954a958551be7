'use client'
import { useTranslations } from 'use-intl'
import type { BoardHub } from '../../../src/contracts/hub-board.ts'
import { Panel } from '../../components/panel.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import classes from './hubs.module.css'
import { LoadBar } from './load-bar.tsx'

/** All hubs as one. */
export function SumPanel({ hubs }: { hubs: readonly BoardHub[] }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const sumOf = (figure: (hub: BoardHub) => number) => hubs.reduce((sum, hub) => sum + figure(hub), 0)
  const used = sumOf((hub) => hub.used)
  const onTheWay = sumOf((hub) => hub.byStage['hub_assigned'] ?? 0)
  const figures = [
    ['onTheWay', onTheWay],
    ['inHouse', used - onTheWay],
    ['late', sumOf((hub) => hub.overdue)],
  ] as const
  return (
    <Panel title={t('sum')}>
      <LoadBar used={used} capacity={sumOf((hub) => hub.capacity)} />
      <ul className={classes.sums}>
        {figures.map(([name, count]) => (
          <li key={name}>
            <span className={classes.soft}>{t(name)}</span>
            <span className={`num ${classes.figureLarge}`}>{formatNumber(language, count)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
