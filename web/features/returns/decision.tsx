'use client'
import { Gavel } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Instant } from '../../components/amounts.tsx'
import { useChannelName } from '../../lib/code-words.ts'
import { useTimeZone } from '../../lib/places.ts'
import classes from './recommendation-panel.module.css'
import { useTimeline } from './use-timeline.ts'

/** What was decided when it is not what the engine recommended: by whom, when and why. */
export function Decision({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations()
  const channel = useChannelName()
  const timeZone = useTimeZone(unit.hubId)
  const timeline = useTimeline(unit)
  const current = unit.dispositions.find((record) => record.isCurrent)
  if (current === undefined || current.source !== 'overridden') return null
  const decided = timeline.data?.find(({ type }) => type === 'DispositionDecided')
  return (
    <div className={classes.decided} data-testid="overridden">
      <Gavel size={20} aria-hidden />
      <div>
        <p>
          <strong>
            {t('decide.overridden', {
              disposition: t(`disposition.${current.disposition}`),
              channel: channel(current.channel),
            })}
          </strong>
        </p>
        {current.reasonCode === null ? null : <p>{t(`override.${current.reasonCode}`)}</p>}
        <p className={classes.small}>
          {typeof decided?.byName === 'string' ? `${decided.byName} · ` : null}
          <Instant at={current.decidedAt} timeZone={timeZone} />
        </p>
      </div>
    </div>
  )
}
