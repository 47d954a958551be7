'use client'
import { useTranslations } from 'use-intl'
import type { Return } from '../../../src/contracts/returns.ts'
import { StageTag } from '../../components/code-tags.tsx'
import { formatDate } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { Key } from './key.tsx'
import type { Station } from './station.ts'
import type { StationState } from './core.ts'
import classes from './station.module.css'

/** Several units answer to one code, or one that another hub expects. */
export function Picks({ state, station, timeZone }: { state: StationState; station: Station; timeZone: string }) {
  const t = useTranslations('station')
  const { language } = useLanguage()
  const { elsewhere, matches } = state
  if (elsewhere !== null)
    return (
      <div className={classes.actions}>
        <h1 className={classes.pickTitle}>{elsewhere.title}</h1>
        <button type="button" className={classes.accept} onClick={station.takeHere}>
          {t('takeHere', { hub: elsewhere.hubCode ?? '' })} <Key name="F6" />
        </button>
        <button type="button" className={classes.other} onClick={station.putAside}>
          {t('leave')} <Key name="Esc" />
        </button>
      </div>
    )
  if (matches.length === 0) return null
  return (
    <>
      <h1 className={classes.pickTitle}>{t('chooseTitle')}</h1>
      <ol className={classes.matches} aria-label={t('matches')}>
        {matches.map((unit: Return, i) => (
          <li key={unit.id}>
            <button type="button" onClick={() => station.pick(unit)}>
              {i < 4 ? <Key name={`F${i + 2}`} /> : <span />}
              <span>
                <strong>{unit.title}</strong>
                <span className="code">{unit.lpn}</span>
              </span>
              <span className={classes.soft}>{formatDate(language, unit.createdAt, timeZone)}</span>
              <StageTag stage={unit.stage} />
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
