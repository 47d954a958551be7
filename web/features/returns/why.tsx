'use client'
import { Skeleton } from '@mantine/core'
import { CloudOff } from 'lucide-react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { RefCallback } from 'react'
import { useTranslations } from 'use-intl'
import type { Explanation } from '../../../src/contracts/explanations.ts'
import type { Recommendation } from '../../../src/contracts/returns.ts'
import { About } from '../../components/amounts.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Tag } from '../../components/tag.tsx'
import { useChannelName } from '../../lib/code-words.ts'
import classes from './recommendation-panel.module.css'
import { useReasonWords } from './reason-words.ts'
import type { Option } from './use-explanation.ts'
import { whyRows } from './why-rows.ts'

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
const skeletonRows = 6

type Props = {
  readonly made: Recommendation
  readonly compared: Option | null
  readonly isUsual: boolean
  readonly query: UseQueryResult<Explanation>
  readonly seenRef: RefCallback<HTMLElement>
}

/** Why this one and not the other, in money and words. */
export function Why({ made, compared, isUsual, query, seenRef }: Props) {
  const t = useTranslations('recommendation')
  const names = useTranslations('disposition')
  const channel = useChannelName()
  if (made.reasons.length === 0) return null
  return (
    <section ref={seenRef} className={classes.why} aria-label={t('why')}>
      <h3 className={classes.h3}>{t('why')}</h3>
      {compared === null ? null : (
        <p className={classes.against} aria-live="polite">
          {t('against', { disposition: names(compared.disposition), channel: channel(compared.channel) })}
        </p>
      )}
      <DataRegion query={query} skeleton={<WhySkeleton />}>
        {(explanation) =>
          // The page may still show the recommendation before the one that the server explains by now.
          explanation.recommendationId !== made.id || explanation.basis === 'breakdown' ? (
            <Breakdown made={made} explanation={explanation} isUsual={isUsual} />
          ) : (
            <Reasons explanation={explanation} />
          )
        }
      </DataRegion>
    </section>
  )
}

function WhySkeleton() {
  return (
    <div className={classes.reasons}>
      {Array.from({ length: skeletonRows }, (_, row) => (
        <div key={row} className={classes.reason}>
          <Skeleton height={14} width={`${88 - 7 * row}%`} />
        </div>
      ))}
    </div>
  )
}

function Reasons({ explanation }: { explanation: Explanation }) {
  const t = useTranslations('recommendation')
  const words = useReasonWords()
  const { typical, reasons, inAll } = whyRows(explanation)
  const widest = Math.max(...reasons.map(({ amount }) => Math.abs(amount)), Math.abs(typical), 1)
  const { currency } = explanation
  return (
    <>
      <p className={classes.soft}>{t('forAndAgainst')}</p>
      {explanation.isApproximate ? (
        <p className={classes.approximate}>
          <Tag tone="info">{t('approximate')}</Tag>
          <span>{t('approximateText')}</span>
        </p>
      ) : null}
      <ul className={classes.reasons} data-testid="reasons">
        {reasons.map((reason) => (
          <Row key={reason.code} words={words(reason)} amount={reason.amount} currency={currency} widest={widest} />
        ))}
        <Row words={t('typical')} amount={typical} currency={currency} widest={widest} />
        <li className={`${classes.reason} ${classes.inAll}`}>
          <span>{t('inAll')}</span>
          <About money={{ amount: inAll, currency }} isSigned />
        </li>
      </ul>
      <FellBack explanation={explanation} />
    </>
  )
}

/** No model to take apart: the differences between the parts of the two values. */
function Breakdown({
  made,
  explanation,
  isUsual,
}: {
  made: Recommendation
  explanation: Explanation
  isUsual: boolean
}) {
  const t = useTranslations('recommendation')
  const isOther = explanation.recommendationId !== made.id
  // A recommendation of rules alone has a reason of its own, which is no part of a value.
  const isRuled = isUsual && made.level === 'L3'
  const reasons = isUsual || isOther ? made.reasons : explanation.reasons
  const widest = Math.max(...reasons.map(({ amount }) => Math.abs(amount)), 1)
  return (
    <>
      {explanation.why === null || isOther || isRuled ? null : (
        <p className={classes.soft}>{t(`breakdown.${explanation.why}`)}</p>
      )}
      <ul className={classes.reasons} data-testid="reasons">
        {reasons.map(({ code, amount, text }) => (
          <Row
            key={code}
            words={parts.includes(code as Part) ? t(`part.${code as Part}`) : text}
            amount={amount === 0 ? null : amount}
            currency={made.currency}
            widest={widest}
          />
        ))}
      </ul>
      {isOther ? null : <FellBack explanation={explanation} />}
    </>
  )
}

type RowProps = {
  readonly words: string
  /** Null where there is nothing to say in money. */
  readonly amount: number | null
  readonly currency: string
  readonly widest: number
}

function Row({ words, amount, currency, widest }: RowProps) {
  return (
    <li className={classes.reason}>
      <span>{words}</span>
      {amount === null ? null : (
        <>
          <span className={classes.pull} aria-hidden>
            <span
              className={amount < 0 ? classes.loss : classes.gain}
              style={{ width: `${(Math.abs(amount) / widest) * 50}%` }}
            />
          </span>
          <About money={{ amount, currency }} isSigned />
        </>
      )}
    </li>
  )
}

/** Engines that should have decided and did not answer. */
function FellBack({ explanation }: { explanation: Explanation }) {
  const t = useTranslations('recommendation')
  const { fellBack, level } = explanation
  return fellBack.map((passed) => (
    <p key={passed.engine} className={classes.fellBack}>
      <CloudOff size={16} aria-hidden />
      <span>
        {t('fellBack', { level: passed.level, instead: level })}{' '}
        <span className={`${classes.code} code`}>
          {passed.engine}: {passed.why}
        </span>
      </span>
    </p>
  ))
}
