'use client'
import { Clock, Package } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { GradeTag } from '../../components/code-tags.tsx'
import { formatMoney } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useChannelName } from '../../lib/code-words.ts'
import type { Card } from './card.ts'
import classes from './station.module.css'

const dayMs = 86_400_000

/** Which unit is on the bench: enough to see that it is the right one. */
export function UnitPanel({ card }: { card: Card }) {
  const t = useTranslations()
  const { language } = useLanguage()
  const channel = useChannelName()
  const now = useNow()
  const { unit } = card
  const grade = card.graded?.grade ?? (card.step === 'grade' ? null : unit.grade)
  const days = now === null ? null : Math.max(0, Math.floor((now - Date.parse(unit.requestedAt)) / dayMs))
  return (
    <section className={classes.unit} aria-label={t('station.unit')} data-testid="unit">
      <span className={classes.unitIcon}>
        <Package size={30} aria-hidden />
      </span>
      <div className={classes.unitWords}>
        <h1>{unit.title}</h1>
        <p>
          <span className="code">{unit.lpn}</span>
          {unit.sku === null ? null : <span className="code">{unit.sku}</span>}
          {unit.saleChannel === null ? null : <span>{channel(unit.saleChannel)}</span>}
          {unit.price === null ? null : <span className="num">{formatMoney(language, unit.price)}</span>}
        </p>
        <p>
          <span>
            {t('station.said')}: <strong>{t(`reason.${unit.reasonCode}`)}</strong>
            {unit.reasonCluster === null ? '' : ` · ${t(`station.cluster.${unit.reasonCluster}`)}`}
          </span>
          {days === null ? null : (
            <span className={classes.age}>
              <Clock size={15} aria-hidden /> {t('station.age', { days })}
            </span>
          )}
        </p>
      </div>
      {grade === null ? null : (
        <div className={classes.grade}>
          <span>{t('station.grade')}</span>
          <GradeTag grade={grade} />
        </div>
      )}
    </section>
  )
}
