'use client'
import { Button, NumberInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Check } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { minorDigitsOf } from '../../../src/kernel/money.ts'
import type { DispositionRecord, ReturnDetail } from '../../../src/contracts/returns.ts'
import { useStepNames } from '../../lib/code-words.ts'
import classes from './return-page.module.css'

type Props = {
  readonly unit: ReturnDetail
  readonly record: DispositionRecord
  readonly isPending: boolean
  readonly onFinish: (body: Record<string, unknown>) => void
}

/** What it brought, and the papers that the route asks for before it may close. */
export function FinishForm({ unit, record, isPending, onFinish }: Props) {
  const t = useTranslations('execute')
  const names = useTranslations('disposition')
  const steps = useStepNames()
  const currency = record.expectedValue?.currency ?? unit.refund.currency
  const option = unit.recommendationDetail?.options.find(
    (one) => one.disposition === record.disposition && one.channel === record.channel,
  )
  const requires = option?.requires ?? []
  const needsWipe = requires.includes('wipe_certificate')
  const needsAcknowledgement = record.disposition === 'restock'
  const form = useForm<{ realised: number | string; certificateRef: string; externalRef: string }>({
    initialValues: {
      realised: '',
      certificateRef: record.certificateRef ?? '',
      externalRef: record.externalRef ?? '',
    },
    validate: {
      realised: (value) => (value === '' || value === '-' ? t('needRealised') : null),
      certificateRef: (value) => (needsWipe && value.trim() === '' ? t('needCertificate') : null),
      externalRef: (value) => (needsAcknowledgement && value.trim() === '' ? t('needAcknowledgement') : null),
    },
  })
  return (
    <form
      className={classes.form}
      onSubmit={form.onSubmit(({ realised, certificateRef, externalRef }) =>
        onFinish({
          execution: 'done',
          realisedValue: { amount: Math.round(Number(realised) * 10 ** minorDigitsOf(currency)), currency },
          ...(certificateRef.trim() === '' ? {} : { certificateRef: certificateRef.trim() }),
          ...(externalRef.trim() === '' ? {} : { externalRef: externalRef.trim() }),
        }),
      )}
    >
      {requires.length === 0 ? null : <p className={classes.soft}>{t('requires', { steps: steps(requires) })}</p>}
      <div className={classes.row}>
        <NumberInput
          label={t('realised')}
          description={t('realisedHint')}
          prefix="₹"
          thousandsGroupStyle="lakh"
          thousandSeparator=","
          decimalScale={2}
          hideControls
          withAsterisk
          {...form.getInputProps('realised')}
        />
        <TextInput
          label={t('acknowledgement')}
          description={t('acknowledgementHint')}
          maxLength={128}
          withAsterisk={needsAcknowledgement}
          {...form.getInputProps('externalRef')}
        />
        <TextInput
          label={t('certificate')}
          description={t('certificateHint')}
          maxLength={128}
          withAsterisk={needsWipe}
          {...form.getInputProps('certificateRef')}
        />
      </div>
      <div className={classes.actions}>
        <Button type="submit" leftSection={<Check size={18} />} loading={isPending}>
          {t('finishTitle', { disposition: names(record.disposition) })}
        </Button>
      </div>
    </form>
  )
}
