'use client'
import { MultiSelect, NumberInput } from '@mantine/core'
import type { GetInputPropsReturnType } from '@mantine/form'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { hubCapabilities } from '../../../src/contracts/hubs.ts'

/** A list of a dialog belongs to it, also for who hears the page. */
export const inDialog = { withinPortal: false }

const limits = { capacity: { min: 0, max: 10_000_000 }, minutesPerDay: { min: 1, max: 1_000_000 } } as const
type Amount = keyof typeof limits

/** What is wrong with an amount, in words; null when nothing is. */
export function useAmountFault(): (name: Amount) => (value: number | string) => string | null {
  const t = useTranslations('hubs')
  return (name) => (value) => {
    const { min } = limits[name]
    return typeof value === 'number' && Number.isInteger(value) && value >= min ? null : t('needNumber', { min })
  }
}

type AmountProps = {
  readonly name: Amount
  readonly input: GetInputPropsReturnType
  readonly description?: ReactNode
  readonly isFirst?: boolean
}

export function AmountField({ name, input, description, isFirst = false }: AmountProps) {
  const t = useTranslations('hubs')
  return (
    <NumberInput
      label={t(`field.${name}`)}
      description={description}
      {...limits[name]}
      allowDecimal={false}
      thousandSeparator=","
      thousandsGroupStyle="lakh"
      {...(isFirst ? { 'data-autofocus': true } : {})}
      {...input}
    />
  )
}

export function CapabilitiesField({ input }: { readonly input: GetInputPropsReturnType }) {
  const t = useTranslations('hubs')
  return (
    <MultiSelect
      label={t('field.capabilities')}
      comboboxProps={inDialog}
      data={hubCapabilities.map((value) => ({ value, label: t(`capability.${value}`) }))}
      {...input}
    />
  )
}
