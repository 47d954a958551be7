'use client'
import { useTranslations } from 'use-intl'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import classes from './hubs.module.css'
import { levelOf, loadLevels, shareOf } from './load.ts'

/** How full a hub is: the bar only repeats what the figures say. */
export function LoadBar({ used, capacity }: { used: number; capacity: number }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const share = shareOf({ used, capacity })
  return (
    <div className={classes.load}>
      <span className={classes.track} aria-hidden>
        <span className={classes[levelOf(share)]} style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
      <span className={`num ${classes.share}`}>{formatShare(language, share)}</span>
      <span className={`num ${classes.soft}`}>
        {t('places', { used: formatNumber(language, used), limit: formatNumber(language, capacity) })}
      </span>
    </div>
  )
}

/** What the colours of map, bars and days mean. */
export function LevelLegend() {
  const t = useTranslations('hubs')
  return (
    <ul className={classes.legend} aria-label={t('levels')}>
      {loadLevels.map((level) => (
        <li key={level}>
          <span className={`${classes.swatch} ${classes[level]}`} aria-hidden />
          {t(`level.${level}`)}
        </li>
      ))}
    </ul>
  )
}
