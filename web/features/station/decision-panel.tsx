'use client'
import { Check, Hand, HelpCircle, PencilLine, Printer, Shuffle, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { dispositionLooks } from '../../components/code-tags.tsx'
import { formatAbout, formatShare } from '../../lib/format.ts'
import { useLanguage, useReference } from '../../lib/i18n.tsx'
import { useChannelName } from '../../lib/code-words.ts'
import { type Advice, adviceOf, type Card } from './card.ts'
import { Key } from './key.tsx'
import type { Station } from './station.ts'
import classes from './station.module.css'

const othersMax = 3
const reasonsMax = 4

/** What is advised, why, and what else it could be. */
export function AdvicePanel({ card, isWhyOpen, station }: { card: Card; isWhyOpen: boolean; station: Station }) {
  const t = useTranslations()
  const { language } = useLanguage()
  const channel = useChannelName()
  const advice = adviceOf(card)
  if (advice === null) return <p className={classes.soft}>{t('station.noAdvice')}</p>
  const Icon = dispositionLooks[advice.disposition].icon
  const made = card.detail?.recommendationDetail ?? null
  const isCurrent = made !== null && made.disposition === advice.disposition
  const others = isCurrent
    ? made.options
        .filter((one, i, all) => all.findIndex((other) => other.disposition === one.disposition) === i)
        .filter((one) => one.disposition !== advice.disposition)
        .slice(0, othersMax)
    : []
  return (
    <section
      className={classes.advice}
      aria-label={t('station.advice')}
      data-testid="advice"
      data-before={advice.isBefore || undefined}
    >
      <div className={classes.adviceHead}>
        <span className={classes.adviceIcon}>
          <Icon size={28} aria-hidden />
        </span>
        <div>
          <span className={classes.soft}>{advice.isBefore ? t('station.adviceBefore') : t('station.adviceNow')}</span>
          <strong>{t(`disposition.${advice.disposition}`)}</strong>
          {advice.channel === null ? null : <span className={classes.soft}>{channel(advice.channel)}</span>}
        </div>
        <Figures advice={advice} />
        <button type="button" className={classes.quiet} aria-expanded={isWhyOpen} onClick={station.toggleWhy}>
          <HelpCircle size={18} aria-hidden /> {t('station.why')} <Key name="F1" />
        </button>
      </div>
      {others.length === 0 ? null : (
        <p className={classes.others}>
          <span className={classes.soft}>{t('station.instead')}</span>
          {others.map((one) => (
            <span key={one.disposition}>
              {t(`disposition.${one.disposition}`)}{' '}
              <span className="num">{formatAbout(language, { amount: one.value.mean, currency: made!.currency })}</span>
            </span>
          ))}
        </p>
      )}
      {isWhyOpen ? <Reasons card={card} /> : null}
    </section>
  )
}

function Figures({ advice }: { advice: Advice }) {
  const t = useTranslations('station')
  const { language } = useLanguage()
  return (
    <dl className={classes.figures}>
      <div>
        <dt>{t('net')}</dt>
        <dd className="num">{formatAbout(language, advice.value)}</dd>
      </div>
      {advice.confidence === null ? null : (
        <div>
          <dt>{t('sure')}</dt>
          <dd className="num">{formatShare(language, advice.confidence)}</dd>
        </div>
      )}
    </dl>
  )
}

function Reasons({ card }: { card: Card }) {
  const t = useTranslations('station')
  const { language } = useLanguage()
  const word = useReference()
  const made = card.detail?.recommendationDetail ?? null
  if (made === null) return <p className={classes.soft}>{t('whyLater')}</p>
  return (
    <ul className={classes.reasons} data-testid="reasons">
      {made.reasons.slice(0, reasonsMax).map((reason) => (
        <li key={`${reason.code} ${reason.text}`}>
          <span className="num">{formatAbout(language, { amount: reason.amount, currency: made.currency }, true)}</span>
          <span>{word(reason.text)}</span>
        </li>
      ))}
      <li className={classes.soft}>{made.level === 'L3' ? t('byRule') : t('byModel', { model: made.modelVersion })}</li>
    </ul>
  )
}

/** The big buttons: what can be done with the unit now. */
export function Actions({ card, station }: { card: Card; station: Station }) {
  const t = useTranslations()
  const advice = adviceOf(card)
  if (card.step === 'grade' || card.step === 'checking') return null
  return (
    <div className={classes.actions}>
      {card.step === 'review' ? (
        <p className={classes.review} role="note">
          <TriangleAlert size={22} aria-hidden /> {t('station.review')}
        </p>
      ) : null}
      {card.step === 'decided' ? (
        <button type="button" className={classes.accept} onClick={() => void station.print(card.unit.id)}>
          <Printer size={24} aria-hidden /> {t('station.print')}
        </button>
      ) : null}
      {card.step === 'decide' && advice !== null ? (
        <button type="button" className={classes.accept} onClick={() => station.accept()}>
          <Check size={24} aria-hidden /> {t('station.accept', { disposition: t(`disposition.${advice.disposition}`) })}{' '}
          <Key name="F6" />
        </button>
      ) : null}
      {card.step === 'review' ? null : (
        <button type="button" className={classes.other} onClick={() => station.openDialog('change')}>
          <Shuffle size={20} aria-hidden /> {t('station.change')} <Key name="F7" />
        </button>
      )}
      {card.step === 'decided' ? null : (
        <button type="button" className={classes.other} onClick={() => station.openDialog('hold')}>
          <Hand size={20} aria-hidden /> {t('station.hold')} <Key name="F10" />
        </button>
      )}
      {card.step === 'decide' && card.graded !== null ? (
        <button type="button" className={classes.quiet} onClick={station.correct}>
          <PencilLine size={18} aria-hidden /> {t('station.correct')}
        </button>
      ) : null}
    </div>
  )
}
