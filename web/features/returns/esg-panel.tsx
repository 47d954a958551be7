'use client'
import { Leaf } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { EsgAmount, EsgCredit } from '../../../src/contracts/esg.ts'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Disclosure } from '../../components/disclosure.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatCarbon, formatMass } from '../../lib/format.ts'
import { useLanguage, useReference } from '../../lib/i18n.tsx'
import classes from './money-panel.module.css'

export function EsgPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('esg')
  return (
    <Panel title={t('title')} aside={<Leaf size={18} aria-hidden />}>
      {unit.esg === null ? <p className={classes.soft}>{t('none')}</p> : <Credit credit={unit.esg} />}
    </Panel>
  )
}

function Credit({ credit }: { credit: EsgCredit }) {
  const t = useTranslations('esg')
  const word = useReference()
  const { language } = useLanguage()
  return (
    <>
      <div className={classes.hero} data-testid="avoided">
        <span className={classes.big}>
          {credit.avoided === null ? t('unknown') : formatCarbon(language, credit.avoided.grams)}
        </span>
        <span className={classes.soft}>
          {t('avoided')}
          {credit.avoided === null ? '' : ` (${range(language, credit.avoided, t)})`}
        </span>
      </div>
      <Facts
        isLedger
        items={[
          [
            t('emitted'),
            credit.inventory === null ? (
              t('unknown')
            ) : (
              <span className="num">{formatCarbon(language, credit.inventory.grams)}</span>
            ),
          ],
          [t('diverted'), formatMass(language, credit.divertedGrams)],
          [t('disposed'), credit.disposedGrams === 0 ? null : formatMass(language, credit.disposedGrams)],
          [t('fate'), t(`fates.${credit.fate}`)],
          [t('stream'), t(`streams.${credit.wasteStream}`)],
        ]}
      />
      <Disclosure label={t('calculation')}>
        <div className={classes.parts}>
          {(['transport', 'hub', 'treatment', 'avoided'] as const).map((part) => (
            <Part key={part} name={t(part)} amount={credit[part]} />
          ))}
          <p className={classes.soft}>{t('notNetted')}</p>
          {credit.gaps.length === 0 ? null : (
            <>
              <strong>{t('gaps')}</strong>
              <ul className={classes.gaps}>
                {credit.gaps.map((gap) => (
                  <li key={`${gap.part} ${gap.code}`}>{word(gap.detail)}</li>
                ))}
              </ul>
            </>
          )}
          <p className={classes.soft}>
            {t('method', { version: credit.methodVersion, factors: credit.factorsVersion })}
          </p>
        </div>
      </Disclosure>
    </>
  )
}

type Words = ReturnType<typeof useTranslations<'esg'>>

function range(language: Parameters<typeof formatCarbon>[0], amount: EsgAmount, t: Words): string {
  return t('range', { low: formatCarbon(language, amount.p05), high: formatCarbon(language, amount.p95) })
}

function Part({ name, amount }: { name: string; amount: EsgAmount | null }) {
  const t = useTranslations('esg')
  const { language } = useLanguage()
  return (
    <div>
      <div className={classes.entry}>
        <span>{name}</span>
        <span className="num">{amount === null ? t('unknown') : formatCarbon(language, amount.grams)}</span>
      </div>
      {amount === null ? null : (
        <div className={classes.soft}>
          {range(language, amount, t)} · {t('quality', { score: amount.quality })}
        </div>
      )}
    </div>
  )
}
