'use client'
import { useTranslations } from 'use-intl'
import type { Recommendation } from '../../../src/contracts/returns.ts'
import { About } from '../../components/amounts.tsx'
import { useChannelName } from '../../lib/code-words.ts'
import classes from './recommendation-panel.module.css'

const parts = [
  'gross',
  'fees',
  'transport',
  'handling',
  'repair',
  'holding',
  'disposal',
  'credits',
  'policy',
  'others',
  'rules_only',
] as const
type Part = (typeof parts)[number]
const shownMax = 4

/** Why the first beats the second, in money: at most four differences and the rest as one. */
export function MoneyReasons({ made }: { made: Recommendation }) {
  const channel = useChannelName()
  const t = useTranslations('recommendation')
  const names = useTranslations('disposition')
  if (made.reasons.length === 0) return null
  const runnerUp = made.options[1]
  const isLong = made.reasons.length > shownMax + 1
  const named = isLong ? made.reasons.filter((reason) => reason.code !== 'others').slice(0, shownMax) : made.reasons
  const rest = made.reasons.filter((reason) => !named.includes(reason)).reduce((sum, { amount }) => sum + amount, 0)
  const rows = isLong ? [...named, { code: 'others', amount: rest, text: '' }] : named
  const widest = Math.max(...rows.map(({ amount }) => Math.abs(amount)), 1)
  return (
    <>
      <h3 className={classes.h3}>{t('why')}</h3>
      {runnerUp === undefined ? null : (
        <p className={classes.soft}>
          {t('whyText', { disposition: `${names(runnerUp.disposition)} (${channel(runnerUp.channel)})` })}
        </p>
      )}
      <ul className={classes.reasons}>
        {rows.map(({ code, amount, text }) => (
          <li key={code} className={classes.reason}>
            <span>{parts.includes(code as Part) ? t(`part.${code as Part}`) : text}</span>
            <span className={classes.pull} aria-hidden>
              <span
                className={amount < 0 ? classes.loss : classes.gain}
                style={{ width: `${(Math.abs(amount) / widest) * 50}%` }}
              />
            </span>
            {amount === 0 ? <span /> : <About money={{ amount, currency: made.currency }} isSigned />}
          </li>
        ))}
      </ul>
    </>
  )
}
