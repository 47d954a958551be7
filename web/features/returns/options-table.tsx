'use client'
import { Button, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Recommendation } from '../../../src/contracts/returns.ts'
import { About } from '../../components/amounts.tsx'
import { formatAbout, formatCarbon } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useChannelName, useStepNames } from '../../lib/code-words.ts'
import classes from './recommendation-panel.module.css'
import { isChosen, type Option } from './use-explanation.ts'

const firstRows = 4

type Props = {
  readonly made: Recommendation
  readonly compared: Option | null
  readonly onCompare: (option: Option) => void
}

/** All routes that are allowed, best first, their ranges on one scale; each can be compared with the recommended one. */
export function OptionsTable({ made, compared, onCompare }: Props) {
  const t = useTranslations()
  const { language } = useLanguage()
  const [isWhole, setIsWhole] = useState(made.options.findIndex((option) => option === compared) >= firstRows)
  if (made.options.length < 2) return null
  const shown = isWhole ? made.options : made.options.slice(0, firstRows)
  const low = Math.min(0, ...made.options.map(({ value }) => value.p05))
  const high = Math.max(0, ...made.options.map(({ value }) => value.p95))
  const place = (amount: number) => ((amount - low) / Math.max(high - low, 1)) * 100
  const about = (amount: number) => formatAbout(language, { amount, currency: made.currency })
  return (
    <>
      <h3 className={classes.h3}>{t('recommendation.alternatives')}</h3>
      <p className={classes.soft}>{t('recommendation.compareHint')}</p>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('recommendation.alternatives')}>
        <table className={classes.options}>
          <thead>
            <tr>
              <th scope="col">{t('recommendation.colOption')}</th>
              <th scope="col" className={classes.right}>
                {t('recommendation.colValue')}
              </th>
              <th scope="col" className={classes.rangeCell}>
                {t('recommendation.colRange')}
              </th>
              <th scope="col">{t('recommendation.colDays')}</th>
              <th scope="col">{t('recommendation.colCarbon')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((option) => (
              <tr key={`${option.disposition} ${option.channel}`} data-chosen={isChosen(made, option) || undefined}>
                <td>
                  <OptionName
                    option={option}
                    {...(isChosen(made, option) ? {} : { isCompared: option === compared, onCompare })}
                  />
                </td>
                <td className={classes.right}>
                  <About money={{ amount: option.value.mean, currency: made.currency }} />
                </td>
                <td className={classes.rangeCell}>
                  <div
                    className={classes.track}
                    role="img"
                    aria-label={t('recommendation.rangeLabel', {
                      low: about(option.value.p05),
                      high: about(option.value.p95),
                      mean: about(option.value.mean),
                    })}
                  >
                    <span className={classes.zero} style={{ left: `${place(0)}%` }} />
                    <span
                      className={classes.span}
                      style={{
                        left: `${place(option.value.p05)}%`,
                        width: `${place(option.value.p95) - place(option.value.p05)}%`,
                      }}
                    />
                    <span className={classes.mean} style={{ left: `${place(option.value.mean)}%` }} />
                  </div>
                </td>
                <td className="num">{t('recommendation.days', { days: Math.round(option.daysToCash) })}</td>
                <td className="num">
                  {option.emissionsGrams === null
                    ? t('common.notKnown')
                    : formatCarbon(language, option.emissionsGrams)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {made.options.length > firstRows ? (
        <Button variant="subtle" color="gray" px="xs" ml={-12} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? t('common.showLess') : t('common.showAll', { count: made.options.length })}
        </Button>
      ) : null}
    </>
  )
}

/** The name and channel of an option; a button where it can be compared. */
function OptionName({
  option,
  isCompared = false,
  onCompare,
}: {
  readonly option: Option
  readonly isCompared?: boolean
  readonly onCompare?: Props['onCompare']
}) {
  const t = useTranslations()
  const channel = useChannelName()
  const steps = useStepNames()
  const name = (
    <>
      <span className={classes.optionName}>{t(`disposition.${option.disposition}`)}</span>
      <span className={classes.small}>{channel(option.channel)}</span>
      {option.requires.length === 0 ? null : (
        <span className={classes.small}>{t('recommendation.requires', { steps: steps(option.requires) })}</span>
      )}
    </>
  )
  if (onCompare === undefined) return name
  return (
    <UnstyledButton className={classes.choose} aria-pressed={isCompared} onClick={() => onCompare(option)}>
      {name}
      {isCompared ? <span className={classes.compared}>{t('recommendation.compared')}</span> : null}
    </UnstyledButton>
  )
}
