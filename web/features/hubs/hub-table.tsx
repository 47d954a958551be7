'use client'
import { ActionIcon } from '@mantine/core'
import { Clock, Pencil } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { BoardHub } from '../../../src/contracts/hub-board.ts'
import { Tag } from '../../components/tag.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { listHref } from './api.ts'
import classes from './hubs.module.css'
import { LoadBar } from './load-bar.tsx'
import { openStages } from './load.ts'

type Props = { readonly hubs: readonly BoardHub[]; readonly onEdit: ((hub: BoardHub) => void) | null }

/** The map in words: each figure opens the returns behind it. */
export function HubTable({ hubs, onEdit }: Props) {
  const t = useTranslations('hubs')
  const stages = useTranslations('stage')
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('tableLabel')}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('hub')}</th>
            <th scope="col">{t('load')}</th>
            {openStages.map((stage) => (
              <th key={stage} scope="col" className={classes.figure}>
                {stages(stage)}
              </th>
            ))}
            <th scope="col" className={classes.figure}>
              {t('late')}
            </th>
            {onEdit === null ? null : (
              <th scope="col">
                <span className={classes.hidden}>{t('actions')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {hubs.map((hub) => (
            <tr key={hub.id}>
              <th scope="row">
                <Link href={`/hubs/${hub.id}`} className={classes.link}>
                  {hub.code}
                </Link>
                <span className={classes.name}>{hub.name}</span>
                {hub.status === 'active' ? null : <Tag tone="warn">{t(`status.${hub.status}`)}</Tag>}
              </th>
              <td>
                <LoadBar used={hub.used} capacity={hub.capacity} />
              </td>
              {openStages.map((stage) => (
                <td key={stage} className={classes.figure}>
                  <Count hub={hub} stage={stage} />
                </td>
              ))}
              <td className={classes.figure}>
                <Late count={hub.overdue} />
              </td>
              {onEdit === null ? null : (
                <td className={classes.figure}>
                  <ActionIcon
                    variant="subtle"
                    size={44}
                    aria-label={t('editOne', { code: hub.code })}
                    onClick={() => onEdit(hub)}
                  >
                    <Pencil size={18} />
                  </ActionIcon>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Count({ hub, stage }: { hub: BoardHub; stage: (typeof openStages)[number] }) {
  const t = useTranslations('hubs')
  const stages = useTranslations('stage')
  const { language } = useLanguage()
  const count = hub.byStage[stage] ?? 0
  if (count === 0) return <span className={classes.soft}>0</span>
  const shown = formatNumber(language, count)
  return (
    <Link
      href={listHref(hub.id, stage)}
      className={`num ${classes.open}`}
      aria-label={t('openList', { stage: `${hub.code} ${stages(stage)}`, count: shown })}
    >
      {shown}
    </Link>
  )
}

export function Late({ count }: { count: number }) {
  const { language } = useLanguage()
  if (count === 0) return <span className={classes.soft}>0</span>
  return (
    <Tag tone="warn" icon={Clock}>
      {formatNumber(language, count)}
    </Tag>
  )
}
