'use client'
import { TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Recommendation, ReturnDetail } from '../../../src/contracts/returns.ts'
import { About, Instant } from '../../components/amounts.tsx'
import { dispositionLooks } from '../../components/code-tags.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatAbout, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTimeZone } from '../../lib/places.ts'
import { useChannelName } from '../../lib/code-words.ts'
import { DecideActions } from './decide-actions.tsx'
import { Decision } from './decision.tsx'
import { Feedback } from './feedback.tsx'
import { MoneyReasons } from './money-reasons.tsx'
import { OptionsTable } from './options-table.tsx'
import { Exclusions, Provenance } from './recommendation-more.tsx'
import classes from './recommendation-panel.module.css'
import { useReviewWords } from './review-words.ts'

export function RecommendationPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('recommendation')
  const timeZone = useTimeZone(unit.hubId)
  const made = unit.recommendationDetail
  if (made === null) {
    return (
      <Panel title={t('title')}>
        <p className={classes.soft}>
          {t('none')} {t('noneText')}
        </p>
      </Panel>
    )
  }
  const mayDecide = unit.allowed.includes('accept') || unit.allowed.includes('override')
  const isDeciding = mayDecide && unit.disposition === null
  return (
    <Panel
      title={t('title')}
      {...(isDeciding ? { mark: 'accent' as const } : {})}
      aside={
        <>
          {t('madeBy', { model: made.modelVersion })} · <Instant at={made.createdAt} timeZone={timeZone} />
        </>
      }
    >
      <Hero made={made} />
      <Unsure made={made} />
      <MoneyReasons made={made} />
      <OptionsTable made={made} />
      <Decision unit={unit} />
      {mayDecide ? <DecideActions unit={unit} made={made} /> : null}
      <Feedback unit={unit} made={made} />
      <Exclusions made={made} />
      <Provenance made={made} />
    </Panel>
  )
}

function Hero({ made }: { made: Recommendation }) {
  const channel = useChannelName()
  const t = useTranslations('recommendation')
  const names = useTranslations('disposition')
  const { language } = useLanguage()
  const Icon = dispositionLooks[made.disposition].icon
  const money = (amount: number) => ({ amount, currency: made.currency })
  return (
    <>
      <div className={classes.hero}>
        <span className={classes.icon}>
          <Icon size={26} aria-hidden />
        </span>
        <div>
          <div className={classes.name} data-testid="recommended">
            {names(made.disposition)}
          </div>
          <div className={classes.channel}>{channel(made.channel)}</div>
        </div>
        <div className={classes.value}>
          <div className={classes.amount}>
            <About money={money(made.value.mean)} />
          </div>
          <div className={classes.net}>{t('net')}</div>
        </div>
      </div>
      <div className={classes.under}>
        <div>
          {made.confidence === null
            ? t('confidenceNone')
            : `${t('confidence')} ${formatShare(language, made.confidence)}${made.confidenceBasis === 'none' ? '' : `, ${t(`basis.${made.confidenceBasis}`)}`}`}
          {made.confidence === null ? null : (
            <div className={classes.bar} aria-hidden>
              <div className={classes.fill} style={{ width: `${made.confidence * 100}%` }} />
            </div>
          )}
        </div>
        <div>
          {t('range', {
            low: formatAbout(language, money(made.value.p05)),
            high: formatAbout(language, money(made.value.p95)),
          })}
          {made.greenerCostMinor > 0 ? (
            <div>
              {t('greener', {
                amount: formatAbout(language, money(made.greenerCostMinor)),
                disposition: names(made.moneyBest.disposition),
              })}
            </div>
          ) : null}
        </div>
      </div>
    </>
  )
}

function Unsure({ made }: { made: Recommendation }) {
  const t = useTranslations('recommendation')
  const words = useReviewWords()
  const { language } = useLanguage()
  if (!made.needsReview) return null
  return (
    <div className={classes.unsure} role="note">
      <TriangleAlert size={20} aria-hidden style={{ flex: 'none' }} />
      <div>
        <strong>{t('unsure')}</strong>
        {made.reviewReasons.map((reason) => (
          <p key={reason}>{words(reason)}</p>
        ))}
        {made.evppiMinor > 0 ? (
          <p>
            {t('unsureValue', {
              amount: formatAbout(language, { amount: made.evppiMinor, currency: made.currency }),
            })}
          </p>
        ) : null}
      </div>
    </div>
  )
}
