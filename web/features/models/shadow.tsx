'use client'
import { useTranslations } from 'use-intl'
import type { ShadowReport } from '../../../src/contracts/shadow.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Facts } from '../../components/facts.tsx'
import { defaultTimeZone, formatInstant, formatMoney, formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { humanised } from '../../lib/words.ts'
import { useCodeName } from './code-name.ts'
import classes from './models.module.css'

/** What a version would have done beside the one that served, on the same units. */
export function Shadow({ report }: { report: ShadowReport }) {
  const t = useTranslations('models')
  const { language } = useLanguage()
  const nameOf = useCodeName()
  const rupees = (minor: number, isSigned: boolean) =>
    // A word joiner: a line would else be broken between sign and amount.
    formatMoney(language, { amount: Math.round(minor), currency: 'INR' }, isSigned).replace(/^[+\u2212]/, '$&\u2060')
  /** What is a difference bears a sign, what is a value does not. */
  const range = ({ value, low, high }: { value: number; low: number; high: number }, isSigned: boolean) =>
    t('range', { value: rupees(value, isSigned), low: rupees(low, isSigned), high: rupees(high, isSigned) })
  const { value } = report
  return (
    <div className={classes.stack}>
      <Facts
        items={[
          [t('since'), formatInstant(language, report.since, defaultTimeZone)],
          [t('units'), formatNumber(language, report.units)],
          [t('agreement'), formatShare(language, report.agreement)],
          [t('dispositionAgreement'), formatShare(language, report.dispositionAgreement)],
          [t('servedExcluded'), formatNumber(language, report.servedExcluded)],
          [t('ownGain'), rupees(report.utilityGainMinor, true)],
          [t('against'), value?.againstVersion],
          [t('dr'), value === null ? t('notValued') : range(value.dr, false)],
          [t('gain'), value === null ? null : range(value.gain, true)],
          [t('effective'), value === null ? null : formatNumber(language, value.effectiveCount)],
        ]}
      />
      {report.moves.length === 0 ? null : (
        <DataTable
          label={t('moves')}
          columns={[
            { name: t('from') },
            { name: t('to') },
            { name: t('units'), isFigure: true },
            { name: t('ownGain'), isFigure: true },
          ]}
          rows={report.moves.map((move) => ({
            id: `${move.from} ${move.to}`,
            cells: [
              nameOf(move.from, humanised),
              nameOf(move.to, humanised),
              formatNumber(language, move.units),
              rupees(move.utilityGainMinor, true),
            ],
          }))}
        />
      )}
    </div>
  )
}
