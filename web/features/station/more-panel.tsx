'use client'
import { NumberInput, Textarea } from '@mantine/core'
import { useTranslations } from 'use-intl'
import type { Rubric } from '../../../src/contracts/reference.ts'
import { answeredFindings } from '../../lib/inspection.ts'
import { useReference } from '../../lib/i18n.tsx'
import type { Card } from './card.ts'
import type { Station } from './station.ts'
import classes from './station.module.css'
import { looksLikeBarcode } from './wedge.ts'

/** Findings beside those that answers record, what is there, how heavy it is, and a note. */
export function MorePanel({ rubric, card, station }: { rubric: Rubric; card: Card; station: Station }) {
  const t = useTranslations('station')
  const word = useReference()
  const { report } = card
  const answered = answeredFindings(rubric, report.answers)
  const toggled = (codes: readonly string[], code: string) =>
    codes.includes(code) ? codes.filter((one) => one !== code) : [...codes, code]
  return (
    <div className={classes.more}>
      <div role="group" aria-label={t('findings')} className={classes.chips}>
        {rubric.findings.map(({ code, label }) => (
          <button
            key={code}
            type="button"
            aria-pressed={answered.has(code) || report.findings.includes(code)}
            disabled={answered.has(code)}
            onClick={() => station.report({ findings: toggled(report.findings, code) })}
          >
            {word(label)}
          </button>
        ))}
      </div>
      {rubric.accessories.length === 0 ? null : (
        <div role="group" aria-label={t('accessories')} className={classes.chips}>
          <span className={classes.soft}>{t('accessories')}</span>
          {rubric.accessories.map(({ id, label }) => (
            <button
              key={id}
              type="button"
              aria-pressed={report.accessories.includes(id)}
              onClick={() => station.report({ hasAccessoriesSeen: true, accessories: toggled(report.accessories, id) })}
            >
              {word(label)}
            </button>
          ))}
        </div>
      )}
      <div className={classes.fields}>
        <NumberInput
          data-freetext
          label={t('weight')}
          suffix=" g"
          hideControls
          allowDecimal={false}
          min={1}
          value={report.weightGrams}
          onChange={(weightGrams) => {
            if (weightGrams !== '' && looksLikeBarcode(String(weightGrams))) station.say('bad', 'quantity_barcode')
            else station.report({ weightGrams })
          }}
        />
        <Textarea
          data-freetext
          label={t('note')}
          maxLength={2000}
          autosize
          minRows={1}
          value={report.note}
          onChange={(event) => station.report({ note: event.currentTarget.value })}
        />
      </div>
    </div>
  )
}
