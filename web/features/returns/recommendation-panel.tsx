'use client'
import { useIntersection } from '@mantine/hooks'
import { TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
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
import { OptionsTable } from './options-table.tsx'
import { Exclusions, Provenance } from './recommendation-more.tsx'
import classes from './recommendation-panel.module.css'
import { useReviewWords } from '../../lib/review-words.ts'
import { useCompared, useExplanation } from './use-explanation.ts'
import { Why } from './why.tsx'

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
          {t('madeBy', { model: made.modelVersion })} · {t(`levels.${made.level}`)} ·{' '}
          <Instant at={made.createdAt} timeZone={timeZone} />
        </>
      }
    >
      <Advice unit={unit} made={made} mayDecide={mayDecide} />
    </Panel>
  )
}

function Advice({ unit, made, mayDecide }: { unit: ReturnDetail; made: Recommendation; mayDecide: boolean }) {
  const { ref, entry } = useIntersection()
  const isInSight = entry?.isIntersecting ?? false
  const [isSeen, setIsSeen] = useState(false)
  useEffect(() => {
    if (isInSight) setIsSeen(true)
  }, [isInSight])
  const { compared, isUsual, compareWith } = useCompared(made)
  const explanation = useExplanation(made, compared, isSeen)
  return (
    <>
      <Hero made={made} />
      <Unsure made={made} />
      <Why made={made} compared={compared} isUsual={isUsual} query={explanation} seenRef={ref} />
      <OptionsTable
        made={made}
        compared={compared}
        onCompare={(option) => {
          compareWith(option)
          entry?.target.scrollIntoView({ block: 'nearest' })
        }}
      />
      <Decision unit={unit} />
      {mayDecide ? <DecideActions unit={unit} made={made} /> : null}
      <Feedback unit={unit} made={made} />
      <Exclusions made={made} />
      <Provenance made={made} engine={explanation.data?.engine ?? null} />
    </>
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
